import type { ContainerFacts, DockerDriver, Subnets } from '@sandboxed/docker';
import type { EngineFacts, SandboxId } from '@sandboxed/domain';
import {
  containerName,
  DomainError,
  LABEL_GENERATION,
  LABEL_ID,
  sandboxIdSchema,
} from '@sandboxed/domain';

const ENGINE: EngineFacts = {
  engine: 'fake',
  runc: null,
  containerd: null,
  kernel: 'fake',
  seccomp: true,
  bridgeNetfilter: null,
  runtimes: ['runc'],
  clockAheadMs: 0,
};

type Container = { -readonly [K in keyof ContainerFacts]: ContainerFacts[K] };

/** The containers of a test, what was asked of them, and what somebody does to them by hand. */
export interface FakeDocker extends DockerDriver {
  /** By Docker id. */
  readonly containers: Map<string, Container>;
  /** Names that containers of others have. */
  readonly foreign: Set<string>;
  /** Names of those that run: `add` makes one as sandboxed would, `delete` takes it away. */
  readonly running: {
    readonly size: number;
    has(name: string): boolean;
    add(name: string): void;
    delete(name: string): void;
  };
  readonly calls: string[];
  /** The addresses of the networks. */
  subnets: Subnets;
  /** Addresses that something else has. */
  readonly taken: Set<string>;
  /** At which address each container is, by its name. */
  readonly addresses: Map<string, string>;
  /** Makes a container that carries a sandbox's labels. */
  put(id: SandboxId, changes?: Partial<Container>): Container;
  /** The container of this name. Throws when there is none. */
  named(name: string): Container;
}

/** Behaves as the driver of libs/docker does. `generationOf` tells what a container made for a sandbox would be labelled with. */
export function fakeDocker(
  generationOf: (id: SandboxId) => number,
): FakeDocker {
  const containers = new Map<string, Container>();
  const foreign = new Set<string>();
  const taken = new Set<string>();
  const addresses = new Map<string, string>();
  const calls: string[] = [];
  let made = 0;
  const find = (name: string): Container | undefined =>
    containers.get(name) ??
    [...containers.values()].find((each) => each.name === name);
  const done = (call: string): Promise<void> => {
    calls.push(call);
    return Promise.resolve();
  };
  const put: FakeDocker['put'] = (id, changes = {}) => {
    made += 1;
    const container = {
      dockerId: `docker-${made}`,
      name: containerName(id),
      sandboxId: id,
      generation: generationOf(id),
      specHash: 'made',
      agentDir: undefined,
      image: 'image',
      running: true,
      paused: false,
      exitCode: 0,
      oomKilled: false,
      ...changes,
    };
    if (find(container.name) !== undefined) throw conflict(container.name);
    containers.set(container.dockerId, container);
    return container;
  };
  const isTaken = (name: string): boolean =>
    foreign.has(name) || find(name) !== undefined;
  return {
    containers,
    foreign,
    calls,
    taken,
    addresses,
    subnets: {
      open: { cidr: '10.1.0.0/16', gateway: '10.1.0.1' },
      isolated: { cidr: '10.2.0.0/16', gateway: '10.2.0.1' },
    },
    put,
    running: {
      get size() {
        return [...containers.values()].filter(({ running }) => running).length;
      },
      has: (name) => find(name)?.running === true,
      add(name) {
        const found = find(name);
        if (found === undefined)
          put(sandboxIdSchema.parse(name.slice(2).toUpperCase()));
        else found.running = true;
      },
      delete(name) {
        containers.delete(find(name)?.dockerId ?? '');
      },
    },
    named(name) {
      const found = find(name);
      if (found === undefined) throw new Error(`no container ${name}`);
      return found;
    },
    ensure({ name, labels, address }) {
      if (foreign.has(name)) return Promise.reject(conflict(name));
      const id = sandboxIdSchema.parse(labels[LABEL_ID]);
      const generation = Number(labels[LABEL_GENERATION]);
      const found = find(name);
      const isSame =
        found?.generation === generation &&
        found.specHash !== undefined &&
        (found.running || (addresses.get(name) ?? address) === address);
      if (isSame) return Promise.resolve({ ...found });
      if (found !== undefined) containers.delete(found.dockerId);
      addresses.set(name, address);
      return Promise.resolve({ ...put(id, { generation, running: false }) });
    },
    start(name) {
      const found = find(name);
      if (found === undefined)
        return Promise.reject(
          new DomainError('start_failed', `The container ${name} is gone.`),
        );
      if (!found.running && taken.has(addresses.get(name) ?? ''))
        return done(`start ${name}`).then(() => 'address_taken');
      found.running = true;
      found.paused = false;
      return done(`start ${name}`).then(() => 'started');
    },
    stop(name) {
      const found = find(name);
      if (found !== undefined) {
        found.running = false;
        found.paused = false;
      }
      return done(`stop ${name}`);
    },
    waitDown: ({ dockerId, name }) =>
      done(`wait ${name}`).then(
        () => containers.get(dockerId)?.running !== true,
      ),
    remove(name) {
      containers.delete(find(name)?.dockerId ?? '');
      return done(`remove ${name}`);
    },
    removeExact(dockerId) {
      containers.delete(dockerId);
      return done(`remove ${dockerId}`);
    },
    rename(dockerId, name) {
      const found = containers.get(dockerId);
      if (found?.name === name || found === undefined) return Promise.resolve();
      if (isTaken(name)) return Promise.reject(conflict(name));
      found.name = name;
      return done(`rename ${dockerId} ${name}`);
    },
    unpause(name) {
      const found = find(name);
      if (found !== undefined) found.paused = false;
      return done(`unpause ${name}`);
    },
    inspect(name) {
      const found = find(name);
      return Promise.resolve(found === undefined ? undefined : { ...found });
    },
    find: (id) =>
      Promise.resolve({
        containers: [...containers.values()]
          .filter(({ sandboxId }) => sandboxId === id)
          .map((each) => ({ ...each })),
        nameTaken:
          foreign.has(containerName(id)) ||
          ![id, undefined].includes(find(containerName(id))?.sandboxId),
      }),
    list: () =>
      Promise.resolve([...containers.values()].map((each) => ({ ...each }))),
    stats: () => Promise.resolve(undefined),
    update: (name) => done(`update ${name}`),
    ensureNetworks() {
      return Promise.resolve(this.subnets);
    },
    networks() {
      return Promise.resolve(this.subnets);
    },
    version: () => Promise.resolve('fake'),
    facts: () => Promise.resolve(ENGINE),
    watch: () => Promise.resolve(),
    close: () => undefined,
  };
}

function conflict(name: string): DomainError {
  return new DomainError('container_conflict', `The name ${name} is taken.`);
}
