import type { JobRecord } from '@sandboxed/domain';
import { DomainError, toFailure } from '@sandboxed/domain';
import type { Outcome, Store } from '@sandboxed/store';

const ACTOR = 'restore';
const BATCH = 500;

/** How much had to be settled. */
export interface BroughtBack {
  readonly sandboxes: number;
  readonly jobs: number;
  /** API keys that can be used again, also if they were revoked after the backup. */
  readonly keys: number;
}

/**
 * Makes a database out of a backup one to begin with, in one transaction: no container is there and no worker is at work, so
 * every sandbox that expects one is stopped and every unfinished job has ended. `backupAt` names the backup in what is logged.
 */
export function bringBack(
  store: Store,
  backupAt: string,
  now: number,
): BroughtBack {
  return store.transaction(() => {
    const jobs = endJobs(store, backupAt, now);
    // A link that was revoked after the backup must not open anything again.
    store.sandboxes.revokePreviews('all', now);
    store.warmPool.clear();
    const cutOff = store.sandboxes.inStates([
      'creating',
      'starting',
      'running',
      'stopping',
      'deleting',
    ]);
    for (const { id, state } of cutOff)
      store.sandboxes.transition(id, 'restored', {
        actor: ACTOR,
        reason: `restored from the backup of ${backupAt}, when it was ${state}`,
        now,
      });
    const keys = store.apiKeys.countActive(now);
    const settled = { sandboxes: cutOff.length, jobs, keys };
    store.audit.append({
      at_ms: now,
      actor: ACTOR,
      action: 'restore',
      outcome: 'succeeded',
      detail: { backup: backupAt, ...settled },
    });
    return settled;
  });
}

function endJobs(store: Store, backupAt: string, now: number): number {
  let ended = 0;
  for (const status of ['running', 'queued'] as const)
    for (;;) {
      // Each round ends what it lists, so the next one lists others.
      const { items } = store.jobs.list({ status, limit: BATCH });
      if (items.length === 0) break;
      for (const job of items)
        store.jobs.abandon(job.id, outcomeOf(job, backupAt), now);
      ended += items.length;
    }
  return ended;
}

function outcomeOf(job: JobRecord, backupAt: string): Outcome {
  if (job.status === 'queued' || job.cancel_requested)
    return {
      status: 'cancelled',
      error: toFailure(
        new DomainError(
          'cancelled',
          `Not done when the backup of ${backupAt} was made, from which this installation was restored. Submit it again.`,
        ),
      ),
    };
  return {
    status: 'failed',
    error: toFailure(
      new DomainError(
        'worker_lost',
        `Under way when the backup of ${backupAt} was made, from which this installation was restored. What it had done by then may be half done.`,
      ),
    ),
  };
}
