import type {
  JobClass,
  JobId,
  JobRecord,
  JobTimings,
  Letter,
} from '@sandboxed/domain';
import {
  DomainError,
  isFinished,
  isLeased,
  JOB_CLASSES,
  JOB_STATUSES,
  jobIdSchema,
  jobRecordSchema,
  JOBS,
  LEASE_AHEAD_MS,
  LEASE_MS,
  runnable,
  toFailure,
} from '@sandboxed/domain';
import { z } from 'zod';
import type { Audit } from './audit.ts';
import type { Cipher } from './cipher.ts';
import { listJobs } from './list-jobs.ts';
import { createMailbox } from './mailbox.ts';
import { toJob } from './rows.ts';
import { secretOf } from './sealed-columns.ts';
import type { Session } from './session.ts';
import type { Claimed, Jobs, Outcome } from './store.ts';

const offerSchema = z.array(
  z.strictObject({ id: jobIdSchema, class: z.enum(JOB_CLASSES) }),
);

const statusSchema = z.enum(JOB_STATUSES).optional();

const leaseSchema = jobRecordSchema.pick({
  id: true,
  sandbox_id: true,
  worker_id: true,
  lease_until: true,
  started_at: true,
});

const secretSchema = z.strictObject({
  sandbox_id: z.string(),
  secret_sealed: z.instanceof(Buffer),
});

/** What the event log tells of a job. */
type Logged = Pick<
  JobRecord,
  'id' | 'sandbox_id' | 'kind' | 'status' | 'requested_by'
>;

/** Rows of jobs on one connection. */
export function createJobs(
  session: Session,
  cipher: Cipher,
  audit: Audit,
): Jobs {
  const { db } = session;
  const select = db.prepare<[string]>('SELECT * FROM jobs WHERE id = ?');
  const selectStatus = db
    .prepare<[string]>('SELECT status FROM jobs WHERE id = ?')
    .pluck();
  const insert = db.prepare<[Record<string, unknown>]>(
    `INSERT INTO jobs (id, sandbox_id, tenant, kind, class, status, payload, secret_sealed, requested_by, request_id, accept_ms, traceparent, created_at)
     VALUES (@id, @sandbox_id, COALESCE((SELECT tenant FROM sandboxes WHERE id = @sandbox_id), 'open'), @kind, @class, 'queued', @payload, @secret_sealed, @requested_by, @request_id, @accept_ms, @traceparent, @created_at)`,
  );
  const mailbox = createMailbox(db);
  const selectSecret = db.prepare<[string]>(
    'SELECT sandbox_id, secret_sealed FROM jobs WHERE id = ? AND secret_sealed IS NOT NULL',
  );
  const take = db.prepare<[Record<string, unknown>]>(
    `UPDATE jobs SET status = 'running', fence = fence + 1, attempts = attempts + 1, worker_id = @worker, lease_until = @lease,
       started_at = COALESCE(started_at, @now)
     WHERE id = @id AND fence = @fence AND status = @status`,
  );
  const renew = db.prepare<[number, string, number]>(
    `UPDATE jobs SET lease_until = ? WHERE id = ? AND fence = ? AND status = 'running'`,
  );
  const isHeld = db
    .prepare<[string, number]>(
      `SELECT 1 FROM jobs WHERE id = ? AND fence = ? AND status = 'running'`,
    )
    .pluck();
  const attempt = db.prepare<[string, number]>(
    `UPDATE jobs SET attempts = attempts + 1 WHERE id = ? AND fence = ? AND status = 'running'`,
  );
  const end = db.prepare<[Record<string, unknown>]>(
    `UPDATE jobs SET status = @status, result = @result, error = @error, timings = @timings, finished_at = @now, lease_until = NULL, secret_sealed = NULL
     WHERE id = @id AND fence = @fence AND status IN ('queued', 'running')`,
  );
  const flag = db.prepare<[string]>(
    `UPDATE jobs SET cancel_requested = 1 WHERE id = ? AND status = 'running'`,
  );
  // Commands are most of what waits, and wait for those few alone that the index of barriers holds.
  const due = db.prepare<[number, number, number]>(
    `SELECT id, class FROM jobs AS j
     WHERE status IN ('queued', 'running') AND (
       (status = 'running' AND (lease_until <= ? OR lease_until > ?))
       OR (status = 'queued' AND NOT EXISTS (SELECT 1 FROM start_queue WHERE job_id = j.id)
         AND NOT EXISTS (
            SELECT 1 FROM jobs AS e INDEXED BY jobs_barriers
            WHERE e.sandbox_id = j.sandbox_id AND e.status IN ('queued', 'running') AND e.class <> 'exec' AND e.rowid < j.rowid
              AND (e.class = 'lifecycle' OR j.class <> 'exec'))
         AND (j.class <> 'lifecycle' OR NOT EXISTS (
            SELECT 1 FROM jobs AS e INDEXED BY jobs_mailbox
            WHERE e.sandbox_id = j.sandbox_id AND e.status IN ('queued', 'running') AND e.rowid < j.rowid))))
     ORDER BY id LIMIT ?`,
  );
  const held = db.prepare(
    `SELECT id, sandbox_id, worker_id, lease_until, started_at FROM jobs WHERE status IN ('queued', 'running') AND status = 'running'`,
  );
  const isWaiting = db
    .prepare<[string]>('SELECT 1 FROM start_queue WHERE job_id = ?')
    .pluck();
  const stopWaiting = db.prepare<[string]>(
    'DELETE FROM start_queue WHERE job_id = ?',
  );
  const counts = db.prepare(
    `SELECT status, COUNT(*) AS n FROM jobs INDEXED BY jobs_unfinished WHERE status IN ('queued', 'running') GROUP BY status
     UNION ALL SELECT status, n FROM job_ends`,
  );

  function get(id: JobId): JobRecord | undefined {
    const row = select.get(id);
    return row === undefined ? undefined : toJob(row);
  }

  function must(id: JobId): JobRecord {
    const job = get(id);
    if (job === undefined)
      throw new DomainError('job_not_found', `There is no job ${id}.`);
    return job;
  }

  /** Offers what may run without `done` and could not before: with a full mailbox, offering everything each time would be quadratic. */
  function promote(box: readonly Letter[], done: JobId): void {
    const known = new Set(runnable(box));
    const left = box.filter(({ id }) => id !== done);
    const free = new Set(runnable(left));
    session.offer(
      left.flatMap(({ id, kind }) =>
        free.has(id) && !known.has(id) ? [{ id, class: JOBS[kind].class }] : [],
      ),
    );
  }

  function log(job: Logged, now: number, done?: Outcome): void {
    const scope = { sandboxId: job.sandbox_id, jobId: job.id, now };
    session.append({
      ...scope,
      type: 'job',
      data: {
        kind: job.kind,
        status: job.status,
        requested_by: job.requested_by,
      },
    });
    if (done === undefined) {
      session.append({
        ...scope,
        type: 'status',
        data: { status: job.status },
      });
      return;
    }
    session.append({
      ...scope,
      type: 'done',
      data:
        done.status === 'succeeded'
          ? { status: done.status, result: done.result }
          : {
              status: done.status,
              error: done.error,
              ...(done.result !== undefined && { result: done.result }),
            },
    });
  }

  /** Its end is told in the name of who asked, and outlives its row. */
  function writeDown(
    job: JobRecord,
    outcome: 'accepted' | Outcome['status'],
    now: number,
  ): void {
    audit.append({
      at_ms: now,
      actor: job.requested_by,
      action: `job.${job.kind}`,
      target_kind: 'sandbox',
      target_id: job.sandbox_id,
      request_id: job.request_id,
      job_id: job.id,
      outcome,
      code: job.error?.code ?? null,
    });
  }

  function lost(id: JobId): DomainError {
    return new DomainError(
      'stale_write',
      `Job ${id} is no longer held by this worker.`,
    );
  }

  function close(
    { id, sandbox_id }: Pick<JobRecord, 'id' | 'sandbox_id'>,
    fence: number,
    outcome: Outcome,
    now: number,
    timings?: JobTimings,
  ): JobRecord {
    // Else nobody waits.
    const box =
      mailbox.barriers(sandbox_id).length > 0
        ? mailbox.letters(sandbox_id)
        : [];
    const { changes } = end.run({
      id,
      fence,
      status: outcome.status,
      result:
        outcome.result === undefined ? null : JSON.stringify(outcome.result),
      error:
        outcome.status === 'succeeded' ? null : JSON.stringify(outcome.error),
      timings: timings === undefined ? null : JSON.stringify(timings),
      now,
    });
    if (changes !== 1) throw lost(id);
    stopWaiting.run(id);
    const job = must(id);
    log(job, now, outcome);
    writeDown(job, outcome.status, now);
    promote(box, id);
    return job;
  }

  return {
    get,
    status: (id) => statusSchema.parse(selectStatus.get(id)),
    mailbox: mailbox.letters,
    barriers: mailbox.barriers,
    countUnfinished: mailbox.count,

    submit(job) {
      session.transaction(() => {
        const { id, kind, sandboxId } = job;
        insert.run({
          id,
          sandbox_id: sandboxId,
          kind,
          class: JOBS[kind].class,
          payload: JSON.stringify(JOBS[kind].payload.parse(job.payload)),
          secret_sealed:
            job.secret === undefined
              ? null
              : cipher.seal(job.secret, secretOf(id, sandboxId)),
          requested_by: job.requestedBy,
          request_id: job.requestId ?? null,
          accept_ms: job.acceptMs ?? null,
          traceparent: job.traceparent ?? null,
          created_at: job.now,
        });
        const status = 'queued';
        const requested_by = job.requestedBy;
        log({ id, sandbox_id: sandboxId, kind, status, requested_by }, job.now);
        if (job.requestId === undefined)
          writeDown(must(id), 'accepted', job.now);
        // Behind all others it changes nothing for them.
        if (mailbox.isFree(sandboxId, id))
          session.offer([{ id, class: JOBS[kind].class }]);
      });
    },

    list: (query) => listJobs(db, query),

    secret(id) {
      const row = selectSecret.get(id);
      if (row === undefined) return undefined;
      const { sandbox_id, secret_sealed } = secretSchema.parse(row);
      return cipher.open(secret_sealed, secretOf(id, sandbox_id));
    },

    claim(id, workerId, now) {
      return session.transaction((): Claimed | undefined => {
        const was = get(id);
        if (was === undefined || isFinished(was.status)) return undefined;
        const recovered = was.status === 'running';
        if (recovered && isLeased(was.lease_until ?? 0, now)) return undefined;
        if (!recovered && !mailbox.isFree(was.sandbox_id, id)) return undefined;
        if (!recovered && isWaiting.get(id) !== undefined) return undefined;
        const { changes } = take.run({
          id,
          worker: workerId,
          lease: now + LEASE_MS,
          now,
          fence: was.fence,
          status: was.status,
        });
        if (changes !== 1) return undefined;
        session.withdraw(id);
        const job = must(id);
        if (!recovered) log(job, now);
        return {
          jobId: id,
          sandboxId: job.sandbox_id,
          workerId,
          fence: job.fence,
          recovered,
          job,
        };
      });
    },

    renew(claim, now) {
      const { changes } = renew.run(now + LEASE_MS, claim.jobId, claim.fence);
      const held = changes === 1;
      return {
        held,
        cancelRequested: held && must(claim.jobId).cancel_requested,
      };
    },

    release(claim, now) {
      renew.run(now, claim.jobId, claim.fence);
    },

    assertHeld(claim) {
      if (isHeld.get(claim.jobId, claim.fence) === undefined)
        throw lost(claim.jobId);
    },

    countAttempt(claim) {
      const { changes } = attempt.run(claim.jobId, claim.fence);
      if (changes !== 1) throw lost(claim.jobId);
      return must(claim.jobId).attempts;
    },

    finish(claim, outcome, now, timings) {
      return session.transaction(() => {
        if (isHeld.get(claim.jobId, claim.fence) === undefined)
          throw lost(claim.jobId);
        const job = { id: claim.jobId, sandbox_id: claim.sandboxId };
        return close(job, claim.fence, outcome, now, timings);
      });
    },

    requestCancel(id, { actor, now }) {
      return session.transaction(() => {
        const job = must(id);
        if (isFinished(job.status)) return 'finished';
        if (job.status === 'running') {
          flag.run(id);
          return 'requested';
        }
        const error = toFailure(
          new DomainError(
            'cancelled',
            `Cancelled by ${actor} before it began.`,
          ),
        );
        close(job, job.fence, { status: 'cancelled', error }, now);
        return 'cancelled';
      });
    },

    abandon: (id, outcome, now) =>
      session.transaction(() => {
        const job = must(id);
        return close(job, job.fence, outcome, now);
      }),

    toOffer: (now, limit): readonly { id: JobId; class: JobClass }[] =>
      offerSchema.parse(due.all(now, now + LEASE_AHEAD_MS, limit)),

    leases: () => held.all().map((row) => leaseSchema.parse(row)),

    countByStatus() {
      const found = new Map(
        z
          .array(z.object({ status: z.enum(JOB_STATUSES), n: z.int() }))
          .parse(counts.all())
          .map(({ status, n }) => [status, n]),
      );
      return z
        .record(z.enum(JOB_STATUSES), z.int())
        .parse(
          Object.fromEntries(
            JOB_STATUSES.map((status) => [status, found.get(status) ?? 0]),
          ),
        );
    },
  };
}
