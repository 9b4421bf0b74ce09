import type { Finding } from './finding.ts';
import type { JobRecord } from './job.ts';

/** A worker that was silent for longer counts as gone. Milliseconds. */
export const WORKER_ALIVE_MS = 15_000;
/** Longer than the longest call a heartbeat waits for: by then the worker is dead, and its row goes. Milliseconds. */
export const WORKER_DEAD_MS = 60_000;
/** A lease that ran out is offered again within seconds; this long after nobody seems to take it. Milliseconds. */
export const LEASE_ABANDONED_MS = 30_000;

/** A running job as far as its holder goes. Times in milliseconds since the epoch. */
export type Lease = Pick<
  JobRecord,
  'id' | 'sandbox_id' | 'worker_id' | 'lease_until' | 'started_at'
>;

/** What is wrong with a running job's lease; `heardAt` is its worker's last heartbeat, undefined for none. The relay mends both. */
export function judgeLease(
  lease: Lease,
  heardAt: number | undefined,
  now: number,
): Finding | undefined {
  // A worker, or an api that runs a command itself: its id says which.
  const worker = lease.worker_id ?? 'nobody';
  const until = lease.lease_until ?? 0;
  const found = {
    subject: lease.id,
    detail: worker,
    sandboxId: lease.sandbox_id,
    action: 'reported',
  } as const;
  if (until <= now)
    return now - until > LEASE_ABANDONED_MS
      ? {
          ...found,
          kind: 'lease_expired',
          message: `job ${lease.id} was left by ${worker} and no other has taken it yet`,
        }
      : undefined;
  // One that has just begun had no time to be heard of.
  const since = heardAt ?? lease.started_at ?? now;
  return now - since > WORKER_ALIVE_MS
    ? {
        ...found,
        kind: 'lease_of_silent_worker',
        message: `job ${lease.id} is held by ${worker}, which has not been heard of lately`,
      }
    : undefined;
}
