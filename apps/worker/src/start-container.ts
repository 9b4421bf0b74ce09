import type { AgentHealth } from '@sandboxed/agent';
import type { Contained, SandboxId } from '@sandboxed/domain';
import { containerSpec, DomainError } from '@sandboxed/domain';
import type { Agents } from './agents.ts';
import { AGENT_READY_MS } from './agents.ts';
import type { WorkerDeps } from './context.ts';

/** So many addresses may turn out to be in use by something that is not ours, or so often its network be made anew. */
const MAX_ADDRESSES = 8;

type StartPhase = 'network' | 'address' | 'container' | 'firewall' | 'start';

/** Who starts a container. */
export interface Starter {
  readonly deps: WorkerDeps;
  readonly signal: AbortSignal;
  /** Throws `stale_write` once somebody else is at it. */
  readonly assertHeld: () => void;
  /** Nobody has used the container yet: one that is not as it has to be, or whose agent is silent, is made anew although it runs. */
  readonly isNew: boolean;
  /** Told as each step begins. */
  readonly phase?: (name: StartPhase) => void;
}

/** A container that runs. */
export interface Started {
  readonly name: string;
  /** What its agent has said already; undefined of one that may still have to come up. */
  readonly health: AgentHealth | undefined;
}

/** Undefined when the agent is silent. */
async function answerOf(
  agents: Agents,
  id: SandboxId,
  signal: AbortSignal,
): Promise<AgentHealth | undefined> {
  try {
    return await agents.waitReady(id, AGENT_READY_MS, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}

/**
 * Makes the sandbox's container and starts it, at an address that is the sandbox's alone.
 * Throws `no_capacity` when there is no address left, `firewall_down` while nobody vouches for the rules, and what the Engine refuses.
 */
export async function startContainer(
  { deps, signal, assertHeld, isNew, phase = () => undefined }: Starter,
  sandbox: Contained,
): Promise<Started> {
  const { store, docker, host } = deps;
  for (let tried = 0; tried < MAX_ADDRESSES; tried += 1) {
    phase('network');
    const { open, isolated } = await docker.networks();
    const subnet = sandbox.egress === 'none' ? isolated : open;
    phase('address');
    const address = store.transaction(() => {
      assertHeld();
      const held = store.addresses.hold(sandbox.id, subnet);
      // Traefik reads it while the container is made and starts. Its gates are shut.
      deps.edge.route(sandbox, held);
      return held;
    });
    phase('container');
    const spec = containerSpec(sandbox, host, address);
    const found = await docker.ensure(spec, { isNew });
    deps.reach('start.ensured');
    phase('firewall');
    await deps.firewall.stands(signal);
    assertHeld();
    if (isNew && found.running && !found.paused) {
      const health = await answerOf(deps.agents, sandbox.id, signal);
      if (health !== undefined) return { name: spec.name, health };
      await docker.removeExact(found.dockerId);
      continue;
    }
    phase('start');
    const outcome = await docker.start(spec.name, found);
    if (outcome === 'started') return { name: spec.name, health: undefined };
    if (outcome === 'network_gone') continue;
    store.transaction(() => {
      assertHeld();
      deps.edge.unroute(sandbox.id);
      store.addresses.release(sandbox.id);
    });
  }
  throw new DomainError(
    'start_failed',
    `${MAX_ADDRESSES} addresses in a row are in use by containers that are not sandboxes. \`docker network inspect\` shows who is in the sandbox network; only sandboxes belong there.`,
  );
}
