import type { ContainerFacts } from '@sandboxed/docker';
import type { Finding, SandboxId, SandboxRecord } from '@sandboxed/domain';
import {
  CONTAINER_FINDINGS,
  judgeContainers,
  parseSandboxId,
} from '@sandboxed/domain';
import type { SandboxOutline } from '@sandboxed/store';
import { inLanes } from './in-lanes.ts';
import type { ReconcileDeps } from './settle-sandbox.ts';
import { keepRoute } from './keep-route.ts';
import { settleSandbox } from './settle-sandbox.ts';
import { settleWorkers } from './settle-workers.ts';
import { within } from './within.ts';

/** Sandboxes at once: an agent that answers slowly holds up one lane. */
const PARALLEL = 8;
/** What is given to one sandbox in a round; what takes longer goes on without the round. Milliseconds. */
const PART_MS = 5_000;

/** Makes Docker and SQLite agree. A sandbox with a lifecycle job is that job's business. Any number of workers may do this at once. */
export interface Reconciler {
  /** Every sandbox of this instance, every container of its labels, every worker. */
  all(): Promise<void>;
  /** One sandbox, after an event of the Engine. */
  one(id: SandboxId): Promise<void>;
}

type Known = Pick<Finding, 'subject' | 'kind'>;

export function createReconciler(deps: ReconcileDeps): Reconciler {
  const { store, docker, agents, logger } = deps;
  const underWay = new Map<SandboxId, Promise<void>>();

  async function settle(
    id: SandboxId,
    known: readonly Known[],
    listed?: Listed,
  ): Promise<void> {
    const work = settleIfOff(deps, id, known, listed)
      .finally(() => {
        underWay.delete(id);
        // Whichever worker stopped it: each has a client of its own. Looked up now, so that no start under way loses its own.
        if (!isUp(store.sandboxes.get(id)) && !store.warmPool.has(id))
          agents.forget(id);
      })
      .catch((error: unknown) => {
        logger.warn({ err: error, sandboxId: id }, 'reconcile failed');
      });
    underWay.set(id, work);
    await within(PART_MS, work);
  }

  return {
    async all() {
      // Sandboxes are looked after also while none can start.
      await docker.ensureNetworks().catch((error: unknown) => {
        logger.warn({ err: error }, 'a sandbox network is not as it has to be');
      });
      const known = Map.groupBy(openOnes(deps), ({ subject }) => subject);
      const rows = new Map(
        store.sandboxes.outlines().map((row) => [row.id, row]),
      );
      const containers = Map.groupBy(
        await docker.list(),
        ({ sandboxId }) => sandboxId,
      );
      // A client of what another worker removed is let go also when the Engine's event of it was missed.
      const clients = new Set(agents.known());
      const ids = new Set([...rows.keys(), ...containers.keys(), ...clients]);
      for (const subject of known.keys()) {
        const id = parseSandboxId(subject);
        if (id !== undefined) ids.add(id);
      }
      await inLanes(ids, PARALLEL, async (id) => {
        if (underWay.has(id)) return;
        const listed = {
          row: rows.get(id) ?? living(deps, id),
          containers: containers.get(id) ?? [],
        };
        if (isAtRest(listed) && !known.has(id) && !clients.has(id)) return;
        await settle(id, known.get(id) ?? [], listed);
      });
      settleWorkers(deps);
    },

    async one(id) {
      const earlier = underWay.get(id);
      if (earlier !== undefined) await within(PART_MS, earlier);
      if (underWay.has(id)) return;
      const known = openOnes(deps).filter(({ subject }) => subject === id);
      await settle(id, known);
    },
  };
}

/** What a round saw of a sandbox: the row was read before the containers, but for one that is to have none. */
interface Listed {
  readonly row: SandboxOutline | undefined;
  readonly containers: readonly ContainerFacts[];
}

/** A list may be old when a sandbox's turn comes: it only tells where a closer look is due. */
async function settleIfOff(
  deps: ReconcileDeps,
  id: SandboxId,
  known: readonly Known[],
  listed: Listed | undefined,
): Promise<void> {
  if (listed !== undefined && known.length === 0) {
    const { row, containers } = listed;
    if (living(deps, id)?.version !== row?.version) return;
    const mends = judgeContainers(id, row, containers);
    const asItShouldBe =
      mends.containers.length === 0 &&
      mends.state === undefined &&
      mends.running === (row?.state === 'running');
    if (asItShouldBe) {
      if (!mends.running) return;
      const booted = await deps.agents.isBooted(id);
      if (booted === true) keepRoute(deps, id);
      if (booted !== false) return;
    }
  }
  await settleSandbox(deps, id, known);
}

/** Nothing runs, and nothing is to. */
function isAtRest({ row, containers }: Listed): boolean {
  if (row?.state !== 'stopped' && row?.state !== 'error') return false;
  const { containers: off, running } = judgeContainers(row.id, row, containers);
  return off.length === 0 && !running;
}

/** Undefined of a tombstone, as of what was never there. */
function living(
  { store }: ReconcileDeps,
  id: SandboxId,
): SandboxOutline | undefined {
  const row = store.sandboxes.outline(id);
  return row?.state === 'deleted' ? undefined : row;
}

function openOnes({ store }: ReconcileDeps): readonly Known[] {
  const kinds: ReadonlySet<string> = new Set(CONTAINER_FINDINGS);
  return store.findings.open().filter(({ kind }) => kinds.has(kind));
}

/** Whether somebody may be talking to the resident agent. */
function isUp(sandbox: SandboxRecord | undefined): boolean {
  return (
    sandbox?.state === 'creating' ||
    sandbox?.state === 'starting' ||
    sandbox?.state === 'running' ||
    sandbox?.state === 'stopping'
  );
}
