import { randomBytes } from 'node:crypto';
import { MASKED_PATHS, READONLY_PATHS } from '@sandboxed/domain';
import type { Place } from '../src/place.ts';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const MIB = 1_048_576;

/** A new sandbox id. */
export function newId(): string {
  return `0${[...randomBytes(25)].map((byte) => CROCKFORD[byte % 32] ?? '0').join('')}`;
}

/** What a worker sends to have the container of a sandbox made. */
export function validBody(
  place: Place,
  id: string,
  address = '10.0.0.2',
): Readonly<Record<string, unknown>> & {
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly Labels: Readonly<Record<string, string>>;
} {
  const name = `s-${id.toLowerCase()}`;
  return {
    Hostname: name,
    Image: 'sandboxed/base-debian:bookworm',
    Entrypoint: [],
    Cmd: ['sleep', '60'],
    User: '1000:1000',
    WorkingDir: '/home/sandbox',
    Env: ['LANG=C.UTF-8'],
    Labels: {
      'sandboxed.managed': 'true',
      'sandboxed.instance': place.instance,
      'sandboxed.id': id,
      'sandboxed.generation': '1',
      'sandboxed.spec': '0123456789abcdef',
      'sandboxed.pool': '0123456789abcdef',
    },
    Tty: false,
    OpenStdin: false,
    StopSignal: 'SIGTERM',
    StopTimeout: 10,
    Healthcheck: { Test: ['NONE'] },
    NetworkingConfig: {
      EndpointsConfig: {
        [`${place.instance}-sandboxes`]: {
          IPAMConfig: { IPv4Address: address },
        },
      },
    },
    HostConfig: {
      Memory: 64 * MIB,
      MemorySwap: 64 * MIB,
      NanoCpus: 500_000_000,
      PidsLimit: 48,
      Init: true,
      Runtime: place.runtime,
      NetworkMode: `${place.instance}-sandboxes`,
      DnsOptions: ['timeout:1', 'attempts:1'],
      PublishAllPorts: false,
      RestartPolicy: { Name: 'no' },
      AutoRemove: false,
      Privileged: false,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      MaskedPaths: MASKED_PATHS,
      ReadonlyPaths: READONLY_PATHS,
      IpcMode: 'private',
      OomScoreAdj: 500,
      OomKillDisable: false,
      Ulimits: [
        { Name: 'nofile', Soft: 16_384, Hard: 16_384 },
        { Name: 'core', Soft: 0, Hard: 0 },
      ],
      Tmpfs: { '/tmp': 'rw,nosuid,nodev,exec,size=512m,mode=1777' },
      Mounts: [
        ['workspaces', id, '/home/sandbox', false] as const,
        ['run', id, '/run/sandboxed', false] as const,
        ['agent', '0123456789abcdef', '/opt/sandboxed', true] as const,
      ].map(([folder, entry, Target, ReadOnly]) => ({
        Type: 'bind',
        Source: `${place.dataDir}/${folder}/${entry}`,
        Target,
        ReadOnly,
        BindOptions: { Propagation: 'rprivate' },
      })),
      LogConfig: {
        Type: 'json-file',
        Config: { 'max-size': '1m', 'max-file': '1' },
      },
    },
  };
}
