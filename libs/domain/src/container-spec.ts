import type { EdgeSettings } from './edge-files.ts';
import {
  LABEL_GENERATION,
  LABEL_ID,
  LABEL_INSTANCE,
  LABEL_MANAGED,
} from './labels.ts';
import type { SandboxId } from './ids.ts';
import type { SandboxRecord } from './sandbox.ts';

/** What the host decides about every container. Paths are on the host. */
export interface HostSettings {
  readonly instance: string;
  readonly dataDir: string;
  readonly agentDir: string;
  /** Starts the resident agent, as a sandbox sees it. */
  readonly agentCommand: readonly string[];
  readonly runtime: string;
  readonly openNetwork: string;
  readonly isolatedNetwork: string;
  /** Variables of ours that every sandbox process sees, such as where the certificate authorities are. No secrets: `docker inspect` shows them. */
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly edge: EdgeSettings;
}

/** Everything the Engine is told about one sandbox, in our own words. Sizes in bytes. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: string;
  /** In the network, of this sandbox alone. */
  readonly address: string;
  readonly runtime: string;
  readonly memoryBytes: number;
  readonly nanoCpus: number;
  readonly pids: number;
  readonly openFiles: number;
  readonly tmpfs: Readonly<Record<string, string>>;
  readonly mounts: readonly {
    readonly source: string;
    readonly target: string;
    readonly readOnly: boolean;
  }[];
  readonly logMaxSize: string;
  readonly stopTimeoutSeconds: number;
}

export const MIB = 1_048_576;
export const SANDBOX_HOME = '/home/sandbox';
export const AGENT_MOUNT = '/opt/sandboxed';
export const RUN_MOUNT = '/run/sandboxed';
/** The rules of the place for coding agents, as a sandbox sees them. */
export const INSTRUCTIONS_FILE = `${AGENT_MOUNT}/instructions.md`;
/** Every authority that sandboxes trust, the host's extra ones too; there only where the host names some. */
export const AUTHORITIES_FILE = `${AGENT_MOUNT}/ca-certificates.crt`;

/** Container and host name of a sandbox. */
export function containerName(id: SandboxId): string {
  return `s-${id.toLowerCase()}`;
}

/** Directory that becomes the sandbox's home; survives a delete. */
export function workspaceDir(dataDir: string, id: SandboxId): string {
  return `${dataDir}/workspaces/${id}`;
}

/** Directory of the resident agent: its socket, process output and service logs. Never in the tenant's home. */
export function runDir(dataDir: string, id: SandboxId): string {
  return `${dataDir}/run/${id}`;
}

/** The resident agent's socket as the host sees it. */
export function agentSocket(dataDir: string, id: SandboxId): string {
  return `${runDir(dataDir, id)}/agent.sock`;
}

/** All of a sandbox that its container and its routes are made from. */
export type Contained = Pick<
  SandboxRecord,
  'id' | 'generation' | 'image' | 'ports' | 'visibility' | 'egress' | 'limits'
>;

/** The hardened container of a sandbox. Pure, so that two workers derive the same one. */
export function containerSpec(
  sandbox: Contained,
  host: HostSettings,
  address: string,
): ContainerSpec {
  return {
    name: containerName(sandbox.id),
    image: sandbox.image,
    command: host.agentCommand,
    user: '1000:1000',
    workingDir: SANDBOX_HOME,
    env: host.baseEnv,
    labels: {
      [LABEL_MANAGED]: 'true',
      [LABEL_INSTANCE]: host.instance,
      [LABEL_ID]: sandbox.id,
      [LABEL_GENERATION]: String(sandbox.generation),
    },
    network:
      sandbox.egress === 'none' ? host.isolatedNetwork : host.openNetwork,
    address,
    runtime: host.runtime,
    memoryBytes: sandbox.limits.memory_mb * MIB,
    nanoCpus: Math.round(sandbox.limits.cpus * 1e9),
    pids: sandbox.limits.pids,
    // An Engine without CAP_SYS_RESOURCE cannot go above its own hard limit, seen as low as 20,000.
    openFiles: 16_384,
    tmpfs: {
      '/tmp': 'rw,nosuid,nodev,exec,size=512m,mode=1777',
      '/var/tmp': 'rw,nosuid,nodev,exec,size=128m,mode=1777',
    },
    mounts: [
      {
        source: workspaceDir(host.dataDir, sandbox.id),
        target: SANDBOX_HOME,
        readOnly: false,
      },
      {
        source: runDir(host.dataDir, sandbox.id),
        target: RUN_MOUNT,
        readOnly: false,
      },
      { source: host.agentDir, target: AGENT_MOUNT, readOnly: true },
    ],
    logMaxSize: '1m',
    stopTimeoutSeconds: 10,
  };
}
