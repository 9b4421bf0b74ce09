import { z } from 'zod';
import { DomainError } from './errors.ts';
import { sandboxIdSchema } from './ids.ts';
import { plainText } from './plain-text.ts';

/** `deleted` is the tombstone of a row: invisible over HTTP, it remembers that a workspace may remain. */
export const SANDBOX_STATES = [
  'creating',
  'starting',
  'running',
  'stopping',
  'stopped',
  'deleting',
  'error',
  'deleted',
] as const;
export type SandboxState = (typeof SANDBOX_STATES)[number];

export const SANDBOX_EVENTS = [
  'create',
  'start',
  'ready',
  'stop',
  'exited',
  'found_running',
  'delete',
  'removed',
  'fail',
  'restored',
] as const;
export type SandboxEvent = (typeof SANDBOX_EVENTS)[number];

/**
 * The whole life cycle. Whatever is not in this table cannot happen. `restored` is said of a row that came out of a backup:
 * there is no container and nobody is at work on it.
 */
export const TRANSITIONS: Record<
  SandboxState,
  Partial<Record<SandboxEvent, SandboxState>>
> = {
  creating: {
    ready: 'running',
    fail: 'error',
    delete: 'deleting',
    restored: 'stopped',
  },
  starting: {
    ready: 'running',
    fail: 'error',
    exited: 'stopped',
    delete: 'deleting',
    restored: 'stopped',
  },
  running: {
    stop: 'stopping',
    exited: 'stopped',
    delete: 'deleting',
    restored: 'stopped',
  },
  stopping: {
    exited: 'stopped',
    ready: 'running',
    fail: 'error',
    delete: 'deleting',
    restored: 'stopped',
  },
  stopped: { start: 'starting', found_running: 'running', delete: 'deleting' },
  error: { start: 'starting', found_running: 'running', delete: 'deleting' },
  deleting: { removed: 'deleted', fail: 'error', restored: 'stopped' },
  deleted: { create: 'creating', delete: 'deleting' },
};

/** The state after `event`. Throws `illegal_transition` for anything the table does not allow. */
export function transition(
  state: SandboxState,
  event: SandboxEvent,
): SandboxState {
  const next = TRANSITIONS[state][event];
  if (next === undefined)
    throw new DomainError(
      'illegal_transition',
      `A sandbox that is ${state} cannot take "${event}".`,
    );
  return next;
}

/** States in which a container is expected to run. */
export function isUp(state: SandboxState): boolean {
  return state === 'running';
}

export const limitsSchema = z.strictObject({
  memory_mb: z
    .int()
    .min(64)
    .max(262_144)
    .describe('MiB of memory, swap included.'),
  cpus: z
    .number()
    .min(0.05)
    .max(256)
    .describe('Processors, also a part of one.'),
  pids: z.int().min(16).max(32_768).describe('Processes and threads at once.'),
  disk_mb: z
    .int()
    .min(64)
    .max(4_194_304)
    .describe('MiB that its files may take.'),
});
/** Per-sandbox resource limits: MiB of memory (swap included), CPUs, processes, MiB of disk (see `disk.ts`). */
export type Limits = z.output<typeof limitsSchema>;

/** Used for every limit that a create request leaves out. */
export const DEFAULT_LIMITS: Limits = {
  memory_mb: 2048,
  cpus: 2,
  pids: 1024,
  disk_mb: 10_240,
};

export const idlePolicySchema = z.enum(['sleep', 'always_on']);
export const visibilitySchema = z.enum(['public', 'private']);
export const wakePolicySchema = z.enum(['on_request', 'manual']);
export const egressSchema = z.enum(['open', 'none']);

const name256 = plainText(256);

export const externalSchema = z.strictObject({
  user_id: name256.optional().describe('Of the user it is for.'),
  project_id: name256.optional().describe('Of the project it belongs to.'),
  workspace_id: name256.optional().describe('Of the workspace it belongs to.'),
});

/** At most 64 labels; a key is a lower-case DNS-like word, a value any printable text. */
export const labelsSchema = z
  .record(
    z.string().regex(/^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$/),
    plainText(256, 0),
  )
  .refine((labels) => Object.keys(labels).length <= 64, {
    message: 'at most 64 labels',
  });

export const portSchema = z.int().min(1).max(65_535);

/** A sandbox as SQLite holds it, without its secrets. Times are milliseconds since the epoch. */
export const sandboxRecordSchema = z.strictObject({
  id: sandboxIdSchema,
  /** Whose it is: the name of the token that created it, `open` where there are no tokens. */
  tenant: z.string().min(1),
  name: z.string().nullable(),
  state: z.enum(SANDBOX_STATES),
  state_reason: z.string(),
  state_actor: z.string(),
  error_code: z.string().nullable(),
  error_message: z.string().nullable(),
  image: z.string(),
  template: z.string().nullable(),
  ports: z.array(portSchema),
  env_names: z.array(z.string()),
  labels: labelsSchema,
  limits: limitsSchema,
  idle_policy: idlePolicySchema,
  idle_timeout_seconds: z.int().positive(),
  visibility: visibilitySchema,
  /** Of the links and sessions that open a private preview: those of an earlier one are revoked. */
  preview_generation: z.int().nonnegative(),
  wake: wakePolicySchema,
  egress: egressSchema,
  external: externalSchema,
  /** Raised whenever the container has to be made anew; part of its labels. */
  generation: z.int().positive(),
  /** Raised by every write of the row; the compare in compare-and-set. */
  version: z.int().positive(),
  /** Whether a workspace directory may exist on disk. */
  has_workspace: z.boolean(),
  /** MiB held against the host's memory while a start is under way. */
  reserved_mb: z.int().nonnegative(),
  created_at: z.int(),
  updated_at: z.int(),
  last_active_at: z.int(),
  keepalive_until: z.int().nullable(),
  stopped_at: z.int().nullable(),
});
export type SandboxRecord = z.output<typeof sandboxRecordSchema>;

/**
 * The generation of a sandbox whose id has no row yet. By the clock, so that it is above that of an earlier sandbox of the same id
 * whose tombstone is trimmed: a container that was left of it is never taken for the new one's. `now` in ms.
 */
export function firstGeneration(now: number): number {
  return Math.max(1, Math.floor(now / 1_000));
}
