import {
  AGENT_MOUNT,
  containerName,
  LABEL_GENERATION,
  LABEL_ID,
  LABEL_INSTANCE,
  LABEL_MANAGED,
  LABEL_POOL,
  LABEL_SPEC,
  MASKED_PATHS,
  networkNames,
  parseSandboxId,
  READONLY_PATHS,
  RUN_MOUNT,
  runDir,
  SANDBOX_HOME,
  workspaceDir,
} from '@sandboxed/domain';
import { z } from 'zod';
import type { Place } from './place.ts';

/** Longest texts of a body, in characters; all of it is bounded by `MAX_BODY_BYTES`. */
const text = z.string().max(32_768);
const positive = z.int().positive();
const seconds = z.int().min(0).max(600);

/** Limits of a container. Zero and less would mean none. */
const limitsShape = {
  Memory: positive,
  MemorySwap: positive,
  NanoCpus: positive,
  PidsLimit: positive,
} as const;

/** Memory that may be swapped out would be taken from the host's disk. */
function hasNoSwap(limits: {
  readonly Memory: number;
  readonly MemorySwap: number;
}): boolean {
  return limits.Memory === limits.MemorySwap;
}

/** Body of a change of limits. */
export const limitsSchema = z
  .strictObject(limitsShape)
  .refine(hasNoSwap, 'MemorySwap must equal Memory');

const tmpfs = z
  .string()
  .regex(
    /^rw,nosuid,nodev,(no)?exec,size=[1-9]\d{0,9}[km]?,mode=1777$/,
    'must be without set-uid programs and devices, and with a size',
  );

const mount = z.strictObject({
  Type: z.literal('bind'),
  Source: z.string().max(4_096),
  Target: z.string().max(4_096),
  ReadOnly: z.boolean(),
  BindOptions: z.strictObject({ Propagation: z.literal('rprivate') }),
});
type Mount = z.output<typeof mount>;

/** A shorter list would open what the others name. */
const exactly = (paths: readonly string[]) =>
  z
    .array(text)
    .refine(
      (given) => given.join() === paths.join(),
      `must be ${paths.join(', ')}`,
    );

const hostConfig = (place: Place) =>
  z.strictObject({
    ...limitsShape,
    Init: z.literal(true),
    Runtime: z.literal(place.runtime),
    NetworkMode: z.enum(
      Object.values(networkNames(place.instance, place.bridgePrefix)).map(
        ({ name }) => name,
      ),
    ),
    DnsOptions: z.array(z.string().regex(/^[a-z-]+(:\d{1,3})?$/)).max(5),
    PublishAllPorts: z.literal(false),
    RestartPolicy: z.strictObject({ Name: z.literal('no') }),
    AutoRemove: z.literal(false),
    Privileged: z.literal(false),
    CapDrop: z.tuple([z.literal('ALL')]),
    // No entry for seccomp or AppArmor: the Engine's own profiles stay in force.
    SecurityOpt: z.tuple([z.literal('no-new-privileges')]),
    ReadonlyRootfs: z.literal(true),
    MaskedPaths: exactly(MASKED_PATHS),
    ReadonlyPaths: exactly(READONLY_PATHS),
    IpcMode: z.literal('private'),
    CgroupnsMode: z.literal('private').optional(),
    OomScoreAdj: z.int().min(0).max(1_000),
    OomKillDisable: z.literal(false),
    Ulimits: z.tuple([
      z.strictObject({
        Name: z.literal('nofile'),
        Soft: positive,
        Hard: positive,
      }),
      z.strictObject({
        Name: z.literal('core'),
        Soft: z.literal(0),
        Hard: z.literal(0),
      }),
    ]),
    Tmpfs: z.strictObject({ '/tmp': tmpfs, '/var/tmp': tmpfs }).partial(),
    Mounts: z.array(mount).max(3),
    LogConfig: z.strictObject({
      Type: z.literal('json-file'),
      Config: z.strictObject({
        'max-size': z.string().regex(/^[1-9]\d?m$/),
        'max-file': z.literal('1'),
      }),
    }),
  });

/**
 * Body of the Engine's create call for a sandbox named `name`: every field that a worker sends, with the values that wall a sandbox
 * in, and no field else. A new field of `libs/docker/src/create-options.ts` needs its line here.
 */
export function containerBodySchema(place: Place, name: string) {
  return z
    .strictObject({
      Hostname: z.literal(name),
      Image: z.string().regex(/^[a-z0-9][A-Za-z0-9._/:@-]{0,255}$/),
      Entrypoint: z.tuple([]),
      Cmd: z.array(text).min(1).max(64),
      // The user of sandboxes, and never root.
      User: z.literal('1000:1000'),
      WorkingDir: z.string().regex(/^\/[A-Za-z0-9._/-]{0,255}$/),
      Env: z.array(text).max(256),
      Labels: z.record(z.string().max(256), z.string().max(1_024)),
      Tty: z.literal(false),
      OpenStdin: z.literal(false),
      StopSignal: z.literal('SIGTERM'),
      StopTimeout: seconds,
      Healthcheck: z.strictObject({ Test: z.tuple([z.literal('NONE')]) }),
      NetworkingConfig: z.strictObject({
        EndpointsConfig: z.record(
          z.string(),
          z.strictObject({
            IPAMConfig: z.strictObject({ IPv4Address: z.ipv4() }),
          }),
        ),
      }),
      HostConfig: hostConfig(place),
    })
    .superRefine(({ Labels, NetworkingConfig, HostConfig }, context) => {
      const refuse = (path: string, message: string): void => {
        context.addIssue({ code: 'custom', path: [path], message });
      };
      const id = parseSandboxId(Labels[LABEL_ID] ?? '');
      if (id === undefined || id !== Labels[LABEL_ID]) {
        refuse('Labels', `${LABEL_ID} must be the id of a sandbox`);
        return;
      }
      if (name !== containerName(id))
        refuse('Hostname', 'the name must be that of the sandbox');
      for (const [label, value] of Object.entries(Labels))
        if (!isOurLabel(place, label, value))
          refuse('Labels', `a label must be one of a sandbox, not ${label}`);
      if (
        Labels[LABEL_MANAGED] === undefined ||
        Labels[LABEL_INSTANCE] === undefined
      )
        refuse('Labels', 'a container of ours must say so');
      const endpoints = Object.keys(NetworkingConfig.EndpointsConfig);
      if (endpoints.length !== 1 || endpoints[0] !== HostConfig.NetworkMode)
        refuse('NetworkingConfig', 'must be the network of the sandbox alone');
      if (!hasNoSwap(HostConfig))
        refuse('HostConfig', 'MemorySwap must equal Memory');
      for (const each of HostConfig.Mounts)
        if (!isOurMount(place, id, each))
          refuse(
            'HostConfig.Mounts',
            'a mount must be the home, the run directory or the agent of this sandbox',
          );
    });
}

function isOurLabel(place: Place, label: string, value: string): boolean {
  switch (label) {
    case LABEL_MANAGED:
      return value === 'true';
    case LABEL_INSTANCE:
      return value === place.instance;
    case LABEL_ID:
      return true;
    case LABEL_GENERATION:
      return /^\d{1,15}$/.test(value);
    case LABEL_SPEC:
    case LABEL_POOL:
      return /^[0-9a-f]{16}$/.test(value);
    default:
      return false;
  }
}

/** By whole paths: there is nothing to normalise in one that is equal to ours. */
function isOurMount(
  { dataDir }: Place,
  id: NonNullable<ReturnType<typeof parseSandboxId>>,
  { Source, Target, ReadOnly }: Mount,
): boolean {
  switch (Target) {
    case SANDBOX_HOME:
      return Source === workspaceDir(dataDir, id);
    case RUN_MOUNT:
      return Source === runDir(dataDir, id);
    case AGENT_MOUNT: {
      const parent = `${dataDir}/agent/`;
      return (
        ReadOnly &&
        Source.startsWith(parent) &&
        /^[0-9a-f]{16}$/.test(Source.slice(parent.length))
      );
    }
    default:
      return false;
  }
}
