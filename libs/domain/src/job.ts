import { z } from 'zod';
import type { ErrorCode } from './errors.ts';
import { ERROR_CODES, RETRYABLE } from './errors.ts';
import { jobIdSchema, sandboxIdSchema } from './ids.ts';
import { jobTimingsSchema } from './job-timings.ts';
import { MEMORY_BANDS } from './pressure.ts';
import { serviceNameSchema } from './service.ts';
import { taskPayloadSchema } from './task.ts';

/** Queues by latency: a long exec can never hold up a stop. */
export const JOB_CLASSES = ['lifecycle', 'exec', 'task'] as const;
export type JobClass = (typeof JOB_CLASSES)[number];

const nothing = z.strictObject({});

/** Payload of a stop; `if_idle`, `if_pressed` and `if_full` are the reaper's proposals, decided again by the worker. */
export const stopPayloadSchema = z.strictObject({
  force: z.boolean().default(false),
  if_idle: z
    .strictObject({ version: z.int(), last_active_at: z.int() })
    .optional(),
  /** A stop for memory, with what the host had, in MiB. */
  if_pressed: z
    .strictObject({
      band: z.enum(MEMORY_BANDS),
      available_mb: z.int(),
      total_mb: z.int(),
      last_active_at: z.int(),
      /** Jobs that were ended for this stop: with any, it is not taken back. */
      interrupted: z.int().nonnegative(),
    })
    .optional(),
  /** A stop for disk: for the sandbox's own limit, or for the host's room. `use` is for people. */
  if_full: z
    .strictObject({
      whose: z.enum(['sandbox', 'host']),
      use: z.string(),
      /** As in `if_pressed`. */
      interrupted: z.int().nonnegative(),
    })
    .optional(),
});

/** What an exec runs. Its environment and stdin are secrets and live in {@link execSecretSchema}. */
export const execPayloadSchema = z.strictObject({
  cmd: z.array(z.string()).optional(),
  shell: z.string().optional(),
  cwd: z.string().optional(),
  timeout_seconds: z.int().nullable(),
  background: z.boolean(),
});
export const execSecretSchema = z.strictObject({
  env: z.record(z.string(), z.string()),
  stdin: z.string().optional(),
});

export const servicePayloadSchema = z.strictObject({
  name: serviceNameSchema,
  action: z.enum(['apply', 'remove', 'restart']),
});

/** Which task's checkpoint the app directory goes back to. */
export const revertPayloadSchema = z.strictObject({ task_id: jobIdSchema });

interface JobSpec {
  readonly class: JobClass;
  readonly payload: z.ZodType;
  /** How often the work is tried while its failure is retryable. */
  readonly attempts: number;
  /** First pause between two tries, doubled each time. Milliseconds. */
  readonly backoffMs: number;
}

/** Every kind of job there is. A handler for each is enforced by the compiler. */
export const JOBS = {
  create: { class: 'lifecycle', payload: nothing, attempts: 3, backoffMs: 500 },
  start: { class: 'lifecycle', payload: nothing, attempts: 3, backoffMs: 500 },
  stop: {
    class: 'lifecycle',
    payload: stopPayloadSchema,
    attempts: 5,
    backoffMs: 500,
  },
  delete: { class: 'lifecycle', payload: nothing, attempts: 8, backoffMs: 500 },
  purge: { class: 'lifecycle', payload: nothing, attempts: 8, backoffMs: 500 },
  exec: {
    class: 'exec',
    payload: execPayloadSchema,
    attempts: 1,
    backoffMs: 0,
  },
  limits: { class: 'exec', payload: nothing, attempts: 3, backoffMs: 300 },
  service: {
    class: 'exec',
    payload: servicePayloadSchema,
    attempts: 3,
    backoffMs: 300,
  },
  task: {
    class: 'task',
    payload: taskPayloadSchema,
    attempts: 1,
    backoffMs: 0,
  },
  revert: {
    class: 'task',
    payload: revertPayloadSchema,
    attempts: 1,
    backoffMs: 0,
  },
} as const satisfies Record<string, JobSpec>;

export type JobKind = keyof typeof JOBS;
export type JobPayload<K extends JobKind> = z.output<
  (typeof JOBS)[K]['payload']
>;
/** All kinds, for enums and tables. */
export const JOB_KINDS = [
  'create',
  'start',
  'stop',
  'delete',
  'purge',
  'exec',
  'limits',
  'service',
  'task',
  'revert',
] as const satisfies readonly JobKind[];

export const JOB_STATUSES = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** Whether a job can still change. */
export function isFinished(status: JobStatus): boolean {
  return (
    status === 'succeeded' || status === 'failed' || status === 'cancelled'
  );
}

export const failureSchema = z.strictObject({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  retryable: z.boolean(),
});

/** A job as SQLite holds it, without its secrets. Times are milliseconds since the epoch. */
export const jobRecordSchema = z.strictObject({
  id: jobIdSchema,
  sandbox_id: sandboxIdSchema,
  kind: z.enum(JOB_KINDS),
  status: z.enum(JOB_STATUSES),
  payload: z.unknown(),
  requested_by: z.string(),
  request_id: z.string().nullable(),
  attempts: z.int().nonnegative(),
  /** Raised by every claim; a worker whose number is older writes nothing. */
  fence: z.int().nonnegative(),
  worker_id: z.string().nullable(),
  lease_until: z.int().nullable(),
  cancel_requested: z.boolean(),
  result: z.unknown(),
  error: failureSchema.nullable(),
  created_at: z.int(),
  started_at: z.int().nullable(),
  finished_at: z.int().nullable(),
  /** From the call of the API that asked for it to its row, in milliseconds; null for a job that none asked for. */
  accept_ms: z.number().nullable(),
  /** The span that asked for it (W3C `traceparent`); null when nothing is traced. */
  traceparent: z.string().nullable(),
  /** Null until it is finished, and for one that never began. */
  timings: jobTimingsSchema.nullable(),
});
export type JobRecord = z.output<typeof jobRecordSchema>;

/** Lease of a claimed job, and how often its worker renews it. A crash is noticed within one lease. */
export const LEASE_MS = 8_000;
export const LEASE_RENEW_MS = 2_000;

/**
 * Beyond this a lease is from before the clock was set back, and counts as run out: nobody may wait an hour for it. Twice a
 * lease, so that a clock that is corrected a little takes no job from a worker at work.
 */
export const LEASE_AHEAD_MS = 2 * LEASE_MS;

/** Whether a lease until then still holds. Times in ms since the epoch. */
export function isLeased(until: number, now: number): boolean {
  return until > now && until <= now + LEASE_AHEAD_MS;
}

/** Tries of retried work while the Engine is away: a restart of it takes less than the pauses between them, half a minute. */
const ATTEMPTS_WITHOUT_ENGINE = 7;

/**
 * Pause before try `attempt + 1`, or undefined when it is not to be tried again. A start that was given up for want of memory has
 * waited already.
 * `jitter` is a number in [0, 1).
 */
export function retryDelayMs(
  kind: JobKind,
  code: ErrorCode,
  attempt: number,
  jitter: number,
): number | undefined {
  const spec = JOBS[kind];
  const attempts =
    code === 'docker_unavailable' && spec.attempts > 1
      ? Math.max(spec.attempts, ATTEMPTS_WITHOUT_ENGINE)
      : spec.attempts;
  if (!RETRYABLE[code] || code === 'no_capacity' || attempt >= attempts)
    return undefined;
  return Math.round(spec.backoffMs * 2 ** (attempt - 1) * (0.75 + jitter / 2));
}
