import { judgeLease, WORKER_DEAD_MS, WORKER_FINDINGS } from '@sandboxed/domain';
import type { WorkerDeps } from './context.ts';
import { beginLook } from './look.ts';

/** Removes heartbeats of the dead, which may be an api that ran commands, and tells of jobs that nobody seems to hold. The relay offers those again by itself. */
export function settleWorkers(
  deps: Pick<WorkerDeps, 'store' | 'now' | 'logger'>,
): void {
  const { store } = deps;
  const kinds: ReadonlySet<string> = new Set(WORKER_FINDINGS);
  const look = beginLook(
    deps,
    store.findings.open().filter(({ kind }) => kinds.has(kind)),
  );
  store.transaction(() => {
    const now = deps.now();
    const heard = store.workers.heardAt();
    for (const lease of store.jobs.leases()) {
      const found = judgeLease(lease, heard.get(lease.worker_id ?? ''), now);
      if (found !== undefined) look.note(found);
    }
    for (const [id, at] of heard) {
      if (now - at <= WORKER_DEAD_MS) continue;
      look.note({
        kind: 'worker_dead',
        subject: id,
        detail: '',
        sandboxId: undefined,
        action: 'removed',
        message: `nothing was heard of ${id} for a minute: that process has died`,
      });
      store.workers.remove(id);
    }
  });
  look.end();
}
