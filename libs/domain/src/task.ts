import { z } from 'zod';
import { envSchema } from './environment.ts';

/** The coding agents that can be asked for. */
export const AGENT_NAMES = ['opencode', 'claude-code', 'codex'] as const;
export type AgentName = (typeof AGENT_NAMES)[number];

/** What a task may take: seconds in all, seconds without a sign of life, calls of the model. */
export const TASK_LIMITS = {
  timeoutSeconds: { fallback: 1_800, max: 86_400 },
  idleTimeoutSeconds: { fallback: 600, max: 86_400 },
  steps: { fallback: 500, max: 10_000 },
  /** The same call of a tool, or steps that ended without a reason, this often in a row is a loop. */
  repeats: { tool: 25, suspiciousSteps: 3 },
  promptChars: 262_144,
  /** Bytes of the program's output that are kept. */
  outputBytes: 134_217_728,
} as const;

const seconds = ({ max }: { readonly max: number }) => z.int().min(1).max(max);

/** Body of `POST …/tasks`. `env` is a secret. */
export const taskRequestSchema = z.strictObject({
  prompt: z
    .string()
    .min(1)
    .max(TASK_LIMITS.promptChars)
    .refine((text) => text.trim() !== '', 'must not be blank')
    .describe('What the agent is to do.'),
  agent: z
    .enum(AGENT_NAMES)
    .describe(
      'Which coding agent. The key of its provider comes with `env`, here or of the sandbox.',
    ),
  model: z
    .string()
    .max(200)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/, 'must be the name of a model')
    .optional()
    .describe('As the agent names it; its own choice unless given.'),
  timeout_seconds: seconds(TASK_LIMITS.timeoutSeconds)
    .default(TASK_LIMITS.timeoutSeconds.fallback)
    .describe('Seconds that it may take in all.'),
  idle_timeout_seconds: seconds(TASK_LIMITS.idleTimeoutSeconds)
    .default(TASK_LIMITS.idleTimeoutSeconds.fallback)
    .describe('Seconds without a sign of life after which it fails.'),
  max_steps: z
    .int()
    .min(1)
    .max(TASK_LIMITS.steps.max)
    .default(TASK_LIMITS.steps.fallback)
    .describe('Calls of the model after which it fails.'),
  continue: z
    .boolean()
    .optional()
    .describe(
      'Whether the last session of that agent here goes on; so it does where there is one, unless given.',
    ),
  env: envSchema
    .default({})
    .describe(
      'Variables besides those of the sandbox, such as a key of a provider. Kept encrypted, and erased when the task ends.',
    ),
});
export type TaskRequest = z.output<typeof taskRequestSchema>;

/** A task's row: the request without its environment. */
export const taskPayloadSchema = taskRequestSchema.omit({ env: true });
export type TaskPayload = z.output<typeof taskPayloadSchema>;

export const taskSecretSchema = z.strictObject({
  env: z.record(z.string(), z.string()),
});

/** Where a task is. */
export const TASK_PHASES = [
  'starting',
  'checkpoint',
  'agent_running',
  'build_check',
  'health_check',
] as const;
export type TaskPhase = (typeof TASK_PHASES)[number];

/** Why a task did not succeed. */
export const TASK_FAILURES = [
  'agent_error',
  'agent_timeout',
  'agent_idle',
  'agent_loop',
  'step_limit',
  'output_limit',
  'cancelled',
  'provider_auth',
  'provider_quota',
  'provider_error',
  'build_failed',
  'preview_failed',
  'worker_lost',
  'sandbox_stopped',
] as const;
export type TaskFailure = (typeof TASK_FAILURES)[number];

const count = z.int().nonnegative();

export const tokenCountsSchema = z.object({
  input: count,
  output: count,
  reasoning: count,
  cache_read: count,
  cache_write: count,
  total: count,
});
export type TokenCounts = z.output<typeof tokenCountsSchema>;

/** A file that is different from before; `path` is relative to the app directory. */
export const fileChangeSchema = z.object({
  path: z.string(),
  change: z.enum(['added', 'modified', 'deleted']),
});
export type FileChange = z.output<typeof fileChangeSchema>;

/** `none`: the app has nothing to open. `http_status` is what its health path answered. */
export const previewResultSchema = z.object({
  status: z.enum(['ready', 'failed', 'none', 'skipped']),
  url: z.string().optional(),
  http_status: z.int().optional(),
  message: z.string().optional(),
});

/** What a task ended with. At most 1,000 files are named. */
export const taskResultSchema = z.object({
  status: z.enum(['succeeded', 'failed', 'cancelled']),
  failure_reason: z.enum(TASK_FAILURES).optional(),
  error_message: z.string().optional(),
  agent_message_final: z.string().optional(),
  files_changed: z.array(fileChangeSchema),
  files_truncated: z.boolean().optional(),
  build_status: z.enum(['passed', 'failed', 'skipped']),
  build_message: z.string().optional(),
  preview: previewResultSchema,
  checkpoint_id: z.string().optional(),
  session_id: z.string().optional(),
  tokens: tokenCountsSchema,
  cost_usd: z.number().optional(),
  duration_ms: count,
});
export type TaskResult = z.output<typeof taskResultSchema>;

export const NO_TOKENS: TokenCounts = {
  input: 0,
  output: 0,
  reasoning: 0,
  cache_read: 0,
  cache_write: 0,
  total: 0,
};

/** The session of an agent that the next task of a sandbox continues; `tokens` and `cost_usd` are its totals so far. */
export const agentSessionSchema = z.strictObject({
  id: z.string().min(1).max(256),
  tokens: tokenCountsSchema.optional(),
  cost_usd: z.number().optional(),
});
export type AgentSession = z.output<typeof agentSessionSchema>;
