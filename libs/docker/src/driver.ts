import type {
  ContainerSpec,
  EngineFacts,
  SandboxId,
  SeenContainer,
  Subnet,
} from '@sandboxed/domain';

/** What the Engine says of one of our containers, in our own words. */
export interface ContainerFacts extends SeenContainer {
  readonly sandboxId: SandboxId;
  /** Directory of the host that is its resident agent; undefined when none is mounted. */
  readonly agentDir: string | undefined;
  /** Told in a list, of one that runs: the name of its image, or the image's id once that name stands for another one or none. */
  readonly image: string | undefined;
}

/** The containers of one sandbox, and who has its name. */
export interface FoundContainers {
  readonly containers: readonly ContainerFacts[];
  /** A container that is not of this sandbox has the name that its own should have. */
  readonly nameTaken: boolean;
}

/** One reading of the Engine's counters. Bytes, nanoseconds, ms since the epoch. */
export interface ContainerStats {
  readonly at: number;
  readonly cpuNanos: number;
  readonly networkBytes: number;
  readonly memoryBytes: number;
  readonly processes: number;
}

/** A container of ours changed outside of a call: `die`, `start`, `destroy`, `pause`, `unpause`, `oom`, `rename`. */
export interface ContainerEvent {
  readonly action: string;
  readonly sandboxId: SandboxId;
}

/** The addresses of the two sandbox networks. */
export interface Subnets {
  readonly open: Subnet;
  readonly isolated: Subnet;
}

/**
 * The Docker Engine as a worker needs it. "Already so" is success everywhere.
 * Throws DomainError: `docker_unavailable`, `image_missing`, `container_conflict`, `start_failed`, `timed_out`.
 */
export interface DockerDriver {
  /**
   * Creates the container, or adopts the one of this name, instance and generation. Replaces one of another generation,
   * one that carries no hash of a spec, and one that does not run and was made from another spec. Does not start it.
   * `isNew`: nobody has used it yet, so one that runs is given the limits of `spec` and has to be like it in all else.
   */
  ensure(
    spec: ContainerSpec,
    options?: { readonly isNew: boolean },
  ): Promise<ContainerFacts>;
  /**
   * `address_taken`: something else in the network has the container's address, and it does not run. `network_gone`: its network was
   * made anew since, and it was removed.
   */
  start(
    name: string,
    /** What {@link DockerDriver.ensure} has just told of it; without, it is looked at. */
    seen?: ContainerFacts,
  ): Promise<'started' | 'address_taken' | 'network_gone'>;
  /** SIGTERM, then SIGKILL after the grace period. A missing or stopped container is success. */
  stop(
    name: string,
    graceSeconds: number,
    /** What {@link DockerDriver.inspect} has just told of it; without, it is looked at. */
    seen?: ContainerFacts,
  ): Promise<void>;
  /** Whether exactly this container, that was told to end, is down within `timeoutMs`. */
  waitDown(seen: ContainerFacts, timeoutMs: number): Promise<boolean>;
  /** Removes by force, with anonymous volumes. A missing container is success; waits until it is gone. */
  remove(name: string): Promise<void>;
  /** Removes exactly this container by force: never another that got its name meanwhile. Missing or not ours is success. */
  removeExact(dockerId: string): Promise<void>;
  /** By name or Docker id. */
  unpause(name: string): Promise<void>;
  /** Gives exactly this container another name. Missing is success. Throws `container_conflict` when another has it. */
  rename(dockerId: string, name: string): Promise<void>;
  inspect(name: string): Promise<ContainerFacts | undefined>;
  /** Every container of this instance, running or not. */
  list(): Promise<readonly ContainerFacts[]>;
  /** Every container of one sandbox, by its labels alone. */
  find(id: SandboxId): Promise<FoundContainers>;
  stats(name: string): Promise<ContainerStats | undefined>;
  /** Applies limits to a living container. */
  update(
    name: string,
    limits: {
      readonly memoryBytes: number;
      readonly nanoCpus: number;
      readonly pids: number;
    },
  ): Promise<void>;
  /** Makes the two sandbox networks if they are not there, or are of an earlier version and not in use. */
  ensureNetworks(): Promise<Subnets>;
  /** The same, as they were seen within the last 10 s: looked for only when they were not, or a container could not be made or started since. */
  networks(): Promise<Subnets>;
  /** Version of the Engine. Throws `docker_unavailable`. */
  version(): Promise<string>;
  /** Versions and safety of the Engine and its host. `now` in ms. Throws `docker_unavailable`. */
  facts(now: () => number): Promise<EngineFacts>;
  /** Follows events of this instance until `signal`; reconnects with back-off; `onEvent` must not throw. */
  watch(
    onEvent: (event: ContainerEvent) => void,
    signal: AbortSignal,
  ): Promise<void>;
  close(): void;
}
