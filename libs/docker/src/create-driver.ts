import type { DockerDriver, Subnets } from './driver.ts';
import { createEngine } from './engine.ts';
import { ensureContainer } from './ensure.ts';
import { findContainers } from './find.ts';
import { inspectContainer } from './inspect.ts';
import { listContainers } from './list.ts';
import { ensureNetwork } from './networks.ts';
import { removeContainer } from './remove.ts';
import { renameContainer } from './rename.ts';
import { createSeenNetworks } from './seen-networks.ts';
import { startContainer } from './start.ts';
import { readStats } from './stats.ts';
import { stopContainer } from './stop.ts';
import { unpauseContainer } from './unpause.ts';
import { updateLimits } from './update.ts';
import { readEngineFacts, readVersion } from './version.ts';
import { waitDown } from './wait-down.ts';
import { watchContainers } from './watch.ts';

/** How to reach the Engine and which containers and networks are ours. */
export interface DockerDriverOptions {
  /** Default `/var/run/docker.sock`. */
  readonly socketPath?: string;
  readonly instance: string;
  readonly openNetwork: string;
  readonly isolatedNetwork: string;
  /** Names of the networks' interfaces on the host, where packet filter rules name them; the Engine's choice when left out. */
  readonly bridges?: { readonly open: string; readonly isolated: string };
  /** Time limit of one Engine call in milliseconds; a stop gets its grace period on top, a pull has 60 s. Default 30 000. */
  readonly callTimeoutMs?: number;
}

/** The Engine through its socket. Opens nothing until the first call; `close` ends calls and watches under way. */
export function createDockerDriver(options: DockerDriverOptions): DockerDriver {
  const engine = createEngine({
    socketPath: options.socketPath ?? '/var/run/docker.sock',
    instance: options.instance,
    callTimeoutMs: options.callTimeoutMs ?? 30_000,
  });
  const networks = createSeenNetworks(look);

  async function look(): Promise<Subnets> {
    const { openNetwork, isolatedNetwork, bridges } = options;
    const [open, isolated] = await Promise.all([
      ensureNetwork(engine, {
        name: openNetwork,
        internal: false,
        bridge: bridges?.open,
      }),
      ensureNetwork(engine, {
        name: isolatedNetwork,
        internal: true,
        bridge: bridges?.isolated,
      }),
    ]);
    return { open, isolated };
  }

  /** What cannot be made or started may want a network that is not as it was seen any more. */
  async function inNetworks<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      networks.forget();
      throw error;
    }
  }

  return {
    ensure: (spec, options) =>
      inNetworks(ensureContainer(engine, spec, options)),
    async start(name, seen) {
      const outcome = await inNetworks(startContainer(engine, name, seen));
      if (outcome === 'network_gone') networks.forget();
      return outcome;
    },
    stop: (name, graceSeconds, seen) =>
      stopContainer(engine, name, graceSeconds, seen),
    waitDown: (seen, timeoutMs) => waitDown(engine, seen, timeoutMs),
    remove: (name) => removeContainer(engine, name),
    removeExact: (dockerId) => removeContainer(engine, dockerId),
    rename: (dockerId, name) => renameContainer(engine, dockerId, name),
    unpause: (name) => unpauseContainer(engine, name),
    inspect: (name) => inspectContainer(engine, name),
    list: () => listContainers(engine),
    find: (id) => findContainers(engine, id),
    stats: (name) => readStats(engine, name),
    update: (name, limits) => updateLimits(engine, name, limits),
    ensureNetworks: () => networks.look(),
    networks: () => networks.last(),
    version: () => readVersion(engine),
    facts: (now) => readEngineFacts(engine, now),
    watch: (onEvent, signal) => watchContainers(engine, onEvent, signal),
    close: () => {
      engine.close();
    },
  };
}
