import type { ContainerSpec } from '@sandboxed/domain';
import { MASKED_PATHS, READONLY_PATHS } from '@sandboxed/domain';
import type Dockerode from 'dockerode';
import type { HostFacts } from './host-facts.ts';

/** The kernel's out-of-memory killer takes a tenant's process before any of the control plane's. */
const TENANT_OOM_SCORE = 500;

/** A name that no server answers for fails in seconds: the resolver's own 5 s, twice a server, hold programs up for 20 s. */
const DNS_OPTIONS = ['timeout:1', 'attempts:1'];

/** What dockerode's types leave out. */
interface HostConfig extends Dockerode.HostConfig {
  readonly MaskedPaths?: string[];
  readonly ReadonlyPaths?: string[];
  readonly CgroupnsMode?: 'private';
}

/** Body of the Engine's create call. */
export interface CreateBody extends Dockerode.ContainerCreateOptions {
  readonly HostConfig: HostConfig;
}

/** Limits in the Engine's words. Memory equals memory plus swap, so that a tenant never swaps the host. */
export function limitOptions(
  limits: Pick<ContainerSpec, 'memoryBytes' | 'nanoCpus' | 'pids'>,
  host: HostFacts,
): Required<
  Pick<Dockerode.HostConfig, 'Memory' | 'MemorySwap' | 'NanoCpus' | 'PidsLimit'>
> {
  return {
    Memory: limits.memoryBytes,
    MemorySwap: limits.memoryBytes,
    // The Engine refuses more CPUs than the host has, where more means no limit anyway.
    NanoCpus: Math.min(limits.nanoCpus, host.cpus * 1e9),
    PidsLimit: limits.pids,
  };
}

/** The hardened container in the Engine's words. Pure: the same spec gives the same container on every worker. */
export function createOptions(
  spec: ContainerSpec,
  host: HostFacts,
): CreateBody {
  return {
    Hostname: spec.name,
    Image: spec.image,
    Entrypoint: [],
    Cmd: [...spec.command],
    User: spec.user,
    WorkingDir: spec.workingDir,
    Env: Object.entries(spec.env).map(([key, value]) => `${key}=${value}`),
    Labels: { ...spec.labels },
    Tty: false,
    OpenStdin: false,
    // An image of the user's may bring its own; the agent expects SIGTERM and is the only health check.
    StopSignal: 'SIGTERM',
    StopTimeout: spec.stopTimeoutSeconds,
    Healthcheck: { Test: ['NONE'] },
    NetworkingConfig: {
      EndpointsConfig: {
        [spec.network]: { IPAMConfig: { IPv4Address: spec.address } },
      },
    },
    HostConfig: {
      ...limitOptions(spec, host),
      Init: true,
      Runtime: spec.runtime,
      NetworkMode: spec.network,
      DnsOptions: [...DNS_OPTIONS],
      PublishAllPorts: false,
      RestartPolicy: { Name: 'no' },
      AutoRemove: false,
      // No seccomp entry: the Engine's default profile stays in force.
      Privileged: false,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      MaskedPaths: [...MASKED_PATHS],
      ReadonlyPaths: [...READONLY_PATHS],
      IpcMode: 'private',
      // On version 1 the Engine's default (host) is the only mode that every kernel has.
      ...(host.cgroupVersion === 2 ? { CgroupnsMode: 'private' } : {}),
      OomScoreAdj: TENANT_OOM_SCORE,
      OomKillDisable: false,
      Ulimits: [
        { Name: 'nofile', Soft: spec.openFiles, Hard: spec.openFiles },
        // A program that falls over again and again would fill the disk.
        { Name: 'core', Soft: 0, Hard: 0 },
      ],
      Tmpfs: { ...spec.tmpfs },
      // Mounts and not Binds: a missing source is then an error and no root-owned directory.
      Mounts: spec.mounts.map((mount) => ({
        Type: 'bind',
        Source: mount.source,
        Target: mount.target,
        ReadOnly: mount.readOnly,
        BindOptions: { Propagation: 'rprivate' },
      })),
      LogConfig: {
        Type: 'json-file',
        Config: { 'max-size': spec.logMaxSize, 'max-file': '1' },
      },
    },
  };
}
