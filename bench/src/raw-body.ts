import { z } from 'zod';

/** What of a sandbox's container makes its start dearer or cheaper, as `docker inspect` tells it. */
const inspectedSchema = z.object({
  Config: z.object({
    Image: z.string(),
    User: z.string(),
    WorkingDir: z.string(),
    Env: z.array(z.string()),
    StopSignal: z.string().optional(),
    StopTimeout: z.number().optional(),
  }),
  HostConfig: z.object({
    Init: z.boolean(),
    Runtime: z.string(),
    NetworkMode: z.string(),
    DnsOptions: z.array(z.string()),
    Memory: z.number(),
    MemorySwap: z.number(),
    NanoCpus: z.number(),
    PidsLimit: z.number(),
    CapDrop: z.array(z.string()),
    SecurityOpt: z.array(z.string()),
    ReadonlyRootfs: z.boolean(),
    MaskedPaths: z.array(z.string()),
    ReadonlyPaths: z.array(z.string()),
    IpcMode: z.string(),
    CgroupnsMode: z.enum(['private', 'host']).optional(),
    OomScoreAdj: z.number(),
    Ulimits: z.array(
      z.object({ Name: z.string(), Soft: z.number(), Hard: z.number() }),
    ),
    Tmpfs: z.record(z.string(), z.string()),
    Mounts: z.array(
      z.looseObject({
        Type: z.literal('bind'),
        Source: z.string(),
        Target: z.string(),
        ReadOnly: z.boolean().default(false),
      }),
    ),
    LogConfig: z.object({
      Type: z.string(),
      Config: z.record(z.string(), z.string()),
    }),
  }),
});

/** What a raw container is told apart by; nothing of the platform looks at it. */
export const RAW_LABEL = 'sandboxed.bench';

/**
 * A create call for a container like that of one of our sandboxes: all limits, walls, mounts and the kind of address. Its own are
 * the command, the address, and directories in place of the sandbox's (`writable` by what they are mounted on). None of our
 * labels: neither the reconciler nor the edge takes it for a sandbox.
 */
export function rawBody(
  inspected: unknown,
  own: {
    readonly command: readonly string[];
    readonly address: string;
    readonly writable: (target: string) => string;
    readonly run: string;
  },
) {
  const { Config, HostConfig } = inspectedSchema.parse(inspected);
  return {
    ...Config,
    Entrypoint: [],
    Cmd: [...own.command],
    Labels: { [RAW_LABEL]: own.run },
    Healthcheck: { Test: ['NONE'] },
    NetworkingConfig: {
      EndpointsConfig: {
        [HostConfig.NetworkMode]: { IPAMConfig: { IPv4Address: own.address } },
      },
    },
    HostConfig: {
      ...HostConfig,
      RestartPolicy: { Name: 'no' },
      Mounts: HostConfig.Mounts.map((mount) => ({
        ...mount,
        Source: mount.ReadOnly ? mount.Source : own.writable(mount.Target),
      })),
    },
  };
}

/** The address that is `index` places below the last one of a subnet: sandboxes are given theirs from the other end. */
export function addressFromTop(cidr: string, index: number): string {
  const [base, bits] = cidr.split('/');
  const octets = z
    .array(z.coerce.number().int())
    .length(4)
    .parse(base?.split('.'));
  const start = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const at = start + 2 ** (32 - z.coerce.number().parse(bits)) - 2 - index;
  return [24, 16, 8, 0].map((shift) => (at >>> shift) & 255).join('.');
}
