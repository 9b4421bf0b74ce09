import type { ContainerFacts } from '@sandboxed/docker';
import type { SandboxId, SandboxRecord, SandboxState } from '@sandboxed/domain';
import { containerName, JOBS, toFailure } from '@sandboxed/domain';
import { startApp } from './app-services.ts';
import type { WorkerDeps } from './context.ts';
import { inLanes } from './in-lanes.ts';

const ACTOR = 'reconciler';
/** States in which somebody may be talking to the resident agent. */
const AGENT_STATES: ReadonlySet<SandboxState> = new Set([
  'creating',
  'starting',
  'running',
  'stopping',
]);
/** Sandboxes at once: an agent that answers slowly holds up one lane. */
const PARALLEL = 8;

type ReconcileDeps = Pick<
  WorkerDeps,
  'store' | 'docker' | 'agents' | 'now' | 'logger'
>;

/** Makes Docker and SQLite agree on every sandbox of this instance. A sandbox with a lifecycle job is that job's business. */
export async function reconcileAll(deps: ReconcileDeps): Promise<void> {
  await deps.docker.ensureNetworks();
  const rows = new Map(
    deps.store.sandboxes
      .inStates([
        'creating',
        'starting',
        'running',
        'stopping',
        'stopped',
        'deleting',
        'error',
      ])
      .map((row) => [row.id, row]),
  );
  const containers = await deps.docker.list();
  const seen = new Map(containers.map((facts) => [facts.sandboxId, facts]));
  const ids = new Set([...rows.keys(), ...seen.keys()]);
  await inLanes(ids, PARALLEL, (id) =>
    guarded(deps, id, rows.get(id), seen.get(id)),
  );
}

/** The same for one sandbox, after an event of the Engine. */
export async function reconcileOne(
  deps: ReconcileDeps,
  id: SandboxId,
): Promise<void> {
  const row = deps.store.sandboxes.get(id);
  const facts = await deps.docker.inspect(containerName(id));
  await guarded(deps, id, row?.state === 'deleted' ? undefined : row, facts);
}

async function guarded(
  deps: ReconcileDeps,
  id: SandboxId,
  row: SandboxRecord | undefined,
  facts: ContainerFacts | undefined,
): Promise<void> {
  try {
    await settle(deps, id, row, facts);
  } catch (error) {
    deps.logger.warn({ err: error, sandboxId: id }, 'reconcile failed');
  } finally {
    // Whichever worker stopped it: each has a client of its own. Looked up now, so that no start under way loses its own.
    const state = deps.store.sandboxes.get(id)?.state;
    if (state === undefined || !AGENT_STATES.has(state)) deps.agents.forget(id);
  }
}

/** `row` was read before `facts`; a row that changed since is left to the next round. */
async function settle(
  deps: ReconcileDeps,
  id: SandboxId,
  row: SandboxRecord | undefined,
  facts: ContainerFacts | undefined,
): Promise<void> {
  const { store, docker } = deps;
  if (hasLifecycleJob(deps, id)) return;

  if (row === undefined) {
    const now = store.sandboxes.get(id);
    if (facts === undefined || (now !== undefined && now.state !== 'deleted'))
      return;
    deps.logger.warn(
      { sandboxId: id },
      'removing a container that belongs to no sandbox',
    );
    await docker.remove(facts.name);
    return;
  }

  if (facts?.running === true) {
    if (facts.paused) await docker.unpause(facts.name);
    await adopt(deps, row);
    return;
  }

  const event =
    row.state === 'running' ||
    row.state === 'starting' ||
    row.state === 'stopping'
      ? 'exited'
      : row.state === 'creating' || row.state === 'deleting'
        ? 'fail'
        : undefined;
  if (event === undefined) return;
  write(deps, row, event, howItEnded(facts));
}

/** A running container: its sandbox is running, and its agent knows what to serve. */
async function adopt(deps: ReconcileDeps, row: SandboxRecord): Promise<void> {
  const booted = await deps.agents.isBooted(row.id);
  if (booted === undefined) return;
  if (!booted) await startApp(deps, row.id, row.template);
  if (row.state === 'stopped' || row.state === 'error')
    write(deps, row, 'found_running', 'its container was started by hand');
  else if (row.state === 'stopping' || row.state === 'starting')
    write(deps, row, 'ready', 'its container runs');
}

function write(
  deps: ReconcileDeps,
  row: SandboxRecord,
  event: 'exited' | 'fail' | 'found_running' | 'ready',
  reason: string,
): void {
  deps.store.transaction(() => {
    const fresh = deps.store.sandboxes.get(row.id);
    if (fresh?.state !== row.state || hasLifecycleJob(deps, row.id)) return;
    if (fresh.generation !== row.generation) return;
    deps.store.sandboxes.transition(row.id, event, {
      actor: ACTOR,
      reason,
      now: deps.now(),
      ...(event === 'fail' && { error: toFailure(new Error(reason)) }),
    });
  });
}

function hasLifecycleJob({ store }: ReconcileDeps, id: SandboxId): boolean {
  return store.jobs
    .mailbox(id)
    .some((letter) => JOBS[letter.kind].class === 'lifecycle');
}

function howItEnded(facts: ContainerFacts | undefined): string {
  if (facts === undefined) return 'its container is gone';
  if (facts.oomKilled) return 'it ran out of memory';
  return `its container exited with code ${String(facts.exitCode)}`;
}
