import { z } from 'zod';
import { DISK_LEVELS } from './disk.ts';
import { findingDataSchema } from './finding.ts';
import { fileChangeSchema, TASK_PHASES, tokenCountsSchema } from './task.ts';
import { failureSchema, JOB_KINDS, JOB_STATUSES } from './job.ts';
import { SANDBOX_STATES } from './sandbox.ts';

/** A piece of output; `offset` is where the resident agent's log goes on after it, so that no piece is logged twice. */
const outputSchema = z.object({ text: z.string(), offset: z.int() });

/** Events made from a program's output say where in it they end. */
const fromOutput = { offset: z.int().optional() };

/** Data of each type of event. `state`, `job`, `finding` and `disk` are the sandbox's own log; the others belong to a job. */
export const EVENTS = {
  state: z.object({
    from: z.enum(SANDBOX_STATES).nullable(),
    to: z.enum(SANDBOX_STATES),
    reason: z.string(),
    actor: z.string(),
  }),
  job: z.object({
    kind: z.enum(JOB_KINDS),
    status: z.enum(JOB_STATUSES),
    requested_by: z.string(),
  }),
  finding: findingDataSchema,
  /** Told when a level is entered, and when all is well again. */
  disk: z.object({
    level: z.enum(DISK_LEVELS),
    used_mb: z.int(),
    limit_mb: z.int(),
    files: z.int(),
    files_limit: z.int(),
    message: z.string(),
  }),
  status: z.object({
    status: z.enum(JOB_STATUSES),
    phase: z.enum(TASK_PHASES).optional(),
    message: z.string().optional(),
    ...fromOutput,
  }),
  stdout: outputSchema,
  stderr: outputSchema,
  message: z.object({
    role: z.enum(['agent', 'agent_error']),
    text: z.string(),
    ...fromOutput,
  }),
  tool: z.object({
    id: z.string(),
    name: z.string(),
    status: z.enum(['running', 'completed', 'failed']),
    title: z.string().optional(),
    path: z.string().optional(),
    ...fromOutput,
  }),
  file: fileChangeSchema.extend(fromOutput),
  usage: tokenCountsSchema.extend({
    cost_usd: z.number().optional(),
    ...fromOutput,
  }),
  build: z.object({
    status: z.enum(['running', 'passed', 'failed', 'skipped']),
    message: z.string().optional(),
  }),
  raw: z.object({ text: z.string(), ...fromOutput }),
  done: z.object({
    status: z.enum(JOB_STATUSES),
    result: z.unknown().optional(),
    error: failureSchema.optional(),
  }),
} as const satisfies Record<string, z.ZodType>;

export type EventType = keyof typeof EVENTS;
export type EventData<T extends EventType> = z.output<(typeof EVENTS)[T]>;
export const EVENT_TYPES = [
  'state',
  'job',
  'finding',
  'disk',
  'status',
  'stdout',
  'stderr',
  'message',
  'tool',
  'file',
  'usage',
  'build',
  'raw',
  'done',
] as const satisfies readonly EventType[];

/** A row of the event log; `seq` orders all events of an installation and is the SSE id. */
export const eventRecordSchema = z.strictObject({
  seq: z.int().positive(),
  sandbox_id: z.string(),
  job_id: z.string().nullable(),
  type: z.enum(EVENT_TYPES),
  data: z.record(z.string(), z.unknown()),
  at: z.int(),
});
export type EventRecord = z.output<typeof eventRecordSchema>;

/** Message on the notification channel: only says where to look; readers read SQLite. */
export const nudgeSchema = z.object({
  seq: z.int(),
  sandbox_id: z.string(),
  job_id: z.string().nullable(),
});
export type Nudge = z.output<typeof nudgeSchema>;
