import type { JobId, WaitingStart } from '@sandboxed/domain';
import {
  DomainError,
  jobIdSchema,
  JOBS,
  sandboxIdSchema,
  TRANSITIONS,
} from '@sandboxed/domain';
import { z } from 'zod';
import type { Session } from './session.ts';
import type { Claim, Jobs, Sandboxes } from './store.ts';

/** Starts that wait for memory. A job of the queue is left out of offers and claims; it goes with the end of its job. */
export interface Starts {
  /** Puts a start that is not there into the queue. */
  enter(start: WaitingStart): void;
  /** Oldest first. */
  waiting(): readonly WaitingStart[];
  count(): number;
  isWaiting(id: JobId): boolean;
  /** Number of each tenant's last turn; higher is later. */
  turns(): ReadonlyMap<string, number>;
  /** Takes a start out of the queue, holds its memory, enters `starting` (a create is in `creating`) and offers its job. */
  admit(
    start: WaitingStart,
    details: { readonly reason: string; readonly now: number },
  ): void;
  /** Puts a claimed start back, as if it had not been claimed, and says in its events that it waits. Throws `stale_write`. */
  defer(claim: Claim, now: number): void;
}

const rowSchema = z
  .strictObject({
    job_id: jobIdSchema,
    sandbox_id: sandboxIdSchema,
    tenant: z.string(),
    cost_mb: z.number(),
    waiting_since: z.number(),
  })
  .transform((row) => ({
    jobId: row.job_id,
    sandboxId: row.sandbox_id,
    tenant: row.tenant,
    costMb: row.cost_mb,
    waitingSince: row.waiting_since,
  }));

const turnSchema = z.strictObject({ tenant: z.string(), turn: z.number() });

/** Starts that wait for memory. Rows go when their jobs end (`jobs.ts`) or are admitted. */
export function createStarts(
  session: Session,
  jobs: Jobs,
  sandboxes: Sandboxes,
): Starts {
  const { db } = session;
  const enter = db.prepare<[Record<string, unknown>]>(
    `INSERT INTO start_queue (job_id, sandbox_id, tenant, cost_mb, waiting_since)
     VALUES (@jobId, @sandboxId, @tenant, @costMb, @waitingSince)`,
  );
  const all = db.prepare(
    'SELECT * FROM start_queue ORDER BY waiting_since, job_id',
  );
  const count = db.prepare('SELECT COUNT(*) FROM start_queue').pluck();
  const one = db
    .prepare<[string]>('SELECT 1 FROM start_queue WHERE job_id = ?')
    .pluck();
  const leave = db.prepare<[string]>(
    'DELETE FROM start_queue WHERE job_id = ?',
  );
  const turns = db.prepare('SELECT tenant, turn FROM start_turns');
  const takeTurn = db.prepare<[string]>(
    `INSERT OR REPLACE INTO start_turns (tenant, turn)
     VALUES (?, (SELECT COALESCE(MAX(turn), 0) + 1 FROM start_turns))`,
  );
  // As if the claim had not been: only its number stays, so that nobody writes under it any more.
  const putBack = db.prepare<[string, number]>(
    `UPDATE jobs SET status = 'queued', attempts = attempts - 1, worker_id = NULL, lease_until = NULL,
       started_at = CASE WHEN attempts > 1 THEN started_at END
     WHERE id = ? AND fence = ? AND status = 'running'`,
  );

  return {
    enter(start) {
      enter.run({ ...start });
    },
    waiting: () => all.all().map((row) => rowSchema.parse(row)),
    count: () => z.int().parse(count.get()),
    isWaiting: (id) => one.get(id) !== undefined,
    turns: () =>
      new Map(
        turns
          .all()
          .map((row) => turnSchema.parse(row))
          .map(({ tenant, turn }) => [tenant, turn]),
      ),

    admit(start, details) {
      session.transaction(() => {
        leave.run(start.jobId);
        takeTurn.run(start.tenant);
        const sandbox = sandboxes.get(start.sandboxId);
        const job = jobs.get(start.jobId);
        if (sandbox === undefined || job === undefined) return;
        // In any other state the job's own worker finds out what there is to do.
        if (TRANSITIONS[sandbox.state].start !== undefined)
          sandboxes.transition(start.sandboxId, 'start', {
            ...details,
            actor: job.requested_by,
          });
        sandboxes.reserve(start.sandboxId, start.costMb);
        if (job.status === 'queued')
          session.offer([{ id: job.id, class: JOBS[job.kind].class }]);
      });
    },

    defer(claim, now) {
      session.transaction(() => {
        if (putBack.run(claim.jobId, claim.fence).changes !== 1)
          throw new DomainError(
            'stale_write',
            `Job ${claim.jobId} is no longer held by this worker.`,
          );
        const job = jobs.get(claim.jobId);
        if (job === undefined) return;
        const scope = { sandboxId: job.sandbox_id, jobId: job.id, now };
        const { kind, status, requested_by } = job;
        session.append({
          ...scope,
          type: 'job',
          data: { kind, status, requested_by },
        });
        session.append({
          ...scope,
          type: 'status',
          data: { status, message: 'waiting for memory' },
        });
      });
    },
  };
}
