import type { JobRecord, SandboxRecord } from '@sandboxed/domain';
import {
  egressSchema,
  externalSchema,
  failureSchema,
  idlePolicySchema,
  JOB_KINDS,
  JOB_STATUSES,
  jobTimingsSchema,
  labelsSchema,
  limitsSchema,
  previewUrl,
  RETRYABLE,
  ERROR_CODES,
  SANDBOX_STATES,
  visibilitySchema,
  wakePolicySchema,
} from '@sandboxed/domain';
import { z } from 'zod';
import type { ApiDeps } from './http/route.ts';

/** A sandbox as clients see it. Times are RFC 3339, `keepalive_until` unix seconds. */
export const sandboxViewSchema = z.object({
  id: z.string(),
  name: z.string().optional(),
  status: z.enum(SANDBOX_STATES),
  status_reason: z.string(),
  error: failureSchema.optional(),
  image: z.string(),
  ports: z.array(z.int()),
  preview_urls: z.record(z.string(), z.string()),
  visibility: visibilitySchema,
  wake: wakePolicySchema,
  labels: labelsSchema,
  limits: limitsSchema,
  idle_policy: idlePolicySchema,
  idle_timeout_seconds: z.int(),
  egress: egressSchema,
  external: externalSchema,
  env_names: z.array(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
  last_active_at: z.string(),
  keepalive_until: z.int().optional(),
  stopped_at: z.string().optional(),
  active_task_id: z.string().optional(),
});

/** A job as clients see it. */
export const jobViewSchema = z.object({
  id: z.string(),
  kind: z.enum(JOB_KINDS),
  sandbox_id: z.string(),
  status: z.enum(JOB_STATUSES),
  attempts: z.int(),
  requested_by: z.string(),
  created_at: z.string(),
  started_at: z.string().optional(),
  finished_at: z.string().optional(),
  result: z.unknown().optional(),
  error: failureSchema.optional(),
  timings: jobTimingsSchema.optional(),
});

const iso = (ms: number): string => new Date(ms).toISOString();
const codeSchema = z.enum(ERROR_CODES).catch('internal');

/** The public view of a sandbox. */
export function sandboxView(
  { store, origin }: Pick<ApiDeps, 'store' | 'origin'>,
  sandbox: SandboxRecord,
): z.output<typeof sandboxViewSchema> {
  const code =
    sandbox.error_code === null
      ? undefined
      : codeSchema.parse(sandbox.error_code);
  const task = store.jobs
    .barriers(sandbox.id)
    .find(({ kind, status }) => kind === 'task' && status === 'running');
  return {
    id: sandbox.id,
    ...(sandbox.name !== null && { name: sandbox.name }),
    status: sandbox.state,
    status_reason: sandbox.state_reason,
    ...(code !== undefined && {
      error: {
        code,
        message: sandbox.error_message ?? '',
        retryable: RETRYABLE[code],
      },
    }),
    image: sandbox.image,
    ports: sandbox.ports,
    preview_urls: Object.fromEntries(
      sandbox.ports.map((port) => [
        String(port),
        previewUrl(sandbox.id, port, origin),
      ]),
    ),
    visibility: sandbox.visibility,
    wake: sandbox.wake,
    labels: sandbox.labels,
    limits: sandbox.limits,
    idle_policy: sandbox.idle_policy,
    idle_timeout_seconds: sandbox.idle_timeout_seconds,
    egress: sandbox.egress,
    external: sandbox.external,
    env_names: sandbox.env_names,
    created_at: iso(sandbox.created_at),
    updated_at: iso(sandbox.updated_at),
    last_active_at: iso(sandbox.last_active_at),
    ...(sandbox.keepalive_until !== null && {
      keepalive_until: Math.floor(sandbox.keepalive_until / 1000),
    }),
    ...(sandbox.stopped_at !== null && { stopped_at: iso(sandbox.stopped_at) }),
    ...(task !== undefined && { active_task_id: task.id }),
  };
}

/** The public view of a job. */
export function jobView(job: JobRecord): z.output<typeof jobViewSchema> {
  return {
    id: job.id,
    kind: job.kind,
    sandbox_id: job.sandbox_id,
    status: job.status,
    attempts: job.attempts,
    requested_by: job.requested_by,
    created_at: iso(job.created_at),
    ...(job.started_at !== null && { started_at: iso(job.started_at) }),
    ...(job.finished_at !== null && { finished_at: iso(job.finished_at) }),
    ...(job.result !== null && { result: job.result }),
    ...(job.error !== null && { error: job.error }),
    ...(job.timings !== null && { timings: job.timings }),
  };
}
