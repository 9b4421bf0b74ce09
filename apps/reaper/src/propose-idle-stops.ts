import type { JobId, SandboxId } from '@sandboxed/domain';
import { decideIdle } from '@sandboxed/domain';
import type { Store } from '@sandboxed/store';

/** At most this many stops are proposed at a time: a burst would only wait in the queue. */
export const MAX_PROPOSALS = 100;

export interface IdleDeps {
  readonly store: Store;
  readonly newJobId: () => JobId;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Proposes to stop what was idle for its timeout, longest idle first, with the evidence that was seen: the worker
 * decides again before it stops. Returns the ids of the sandboxes.
 */
export function proposeIdleStops(deps: IdleDeps): readonly SandboxId[] {
  return deps.store.sandboxes
    .idleCandidates(deps.now(), MAX_PROPOSALS)
    .map(({ id }) => id)
    .filter((id) => proposeStop(deps, id));
}

/** Looks again and submits in one transaction, so that of two reapers only one proposes. */
function proposeStop(deps: IdleDeps, id: SandboxId): boolean {
  const { store, newJobId } = deps;
  return store.transaction(() => {
    const sandbox = store.sandboxes.get(id);
    if (sandbox === undefined) return false;
    const now = deps.now();
    const unfinished = store.jobs.mailbox(id).length;
    if (!decideIdle(sandbox, unfinished, now).stop) return false;
    store.jobs.submit({
      id: newJobId(),
      sandboxId: id,
      kind: 'stop',
      payload: {
        force: false,
        if_idle: {
          version: sandbox.version,
          last_active_at: sandbox.last_active_at,
        },
      },
      requestedBy: 'reaper:idle',
      now,
    });
    return true;
  });
}
