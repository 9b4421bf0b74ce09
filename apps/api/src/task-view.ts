import type { JobRecord } from '@sandboxed/domain';
import {
  AGENT_NAMES,
  failureSchema,
  jobTimingsSchema,
  JOB_STATUSES,
  taskPayloadSchema,
  taskResultSchema,
} from '@sandboxed/domain';
import { z } from 'zod';

/** A task as clients see it; its id is its job's. Times are RFC 3339. */
export const taskViewSchema = z.object({
  id: z.string(),
  sandbox_id: z.string(),
  status: z.enum(JOB_STATUSES),
  agent: z.enum(AGENT_NAMES),
  model: z.string().optional(),
  prompt: z.string(),
  job_id: z.string(),
  events_url: z.string(),
  requested_by: z.string(),
  created_at: z.string(),
  started_at: z.string().optional(),
  finished_at: z.string().optional(),
  result: taskResultSchema.optional(),
  error: failureSchema.optional(),
  timings: jobTimingsSchema.optional(),
});

const iso = (ms: number): string => new Date(ms).toISOString();

/** The public view of a job of kind `task`. Its result is there however it ended, unless it never began. */
export function taskView(job: JobRecord): z.output<typeof taskViewSchema> {
  const { prompt, agent, model } = taskPayloadSchema.parse(job.payload);
  return {
    id: job.id,
    sandbox_id: job.sandbox_id,
    status: job.status,
    agent,
    ...(model !== undefined && { model }),
    prompt,
    job_id: job.id,
    events_url: `/v1/sandboxes/${job.sandbox_id}/tasks/${job.id}/events`,
    requested_by: job.requested_by,
    created_at: iso(job.created_at),
    ...(job.started_at !== null && { started_at: iso(job.started_at) }),
    ...(job.finished_at !== null && { finished_at: iso(job.finished_at) }),
    ...(job.result !== null && { result: taskResultSchema.parse(job.result) }),
    ...(job.error !== null && { error: job.error }),
    ...(job.timings !== null && { timings: job.timings }),
  };
}

/** Characters of a prompt that a list shows. */
const PROMPT_CHARS = 500;

/** A task in a list: a page of whole results could be hundreds of megabytes. */
export function taskLine(job: JobRecord): z.output<typeof taskViewSchema> {
  const view = taskView({ ...job, result: null });
  return { ...view, prompt: view.prompt.slice(0, PROMPT_CHARS) };
}
