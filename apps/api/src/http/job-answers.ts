import { execResultSchema, JOB_KINDS, JOB_STATUSES } from '@sandboxed/domain';
import { z } from 'zod';

/** Where to read of the job that a call was answered with. */
const jobLinks = { job_id: z.string(), events_url: z.string() };

/** 202 of a call whose job works on a part of a sandbox, such as a service. */
export const acceptedJobSchema = z.looseObject({
  sandbox_id: z.string(),
  kind: z.enum(JOB_KINDS),
  ...jobLinks,
});

/** 200 of such a call that was held: what the job ended with, and the job. */
export const endedJobSchema = z.looseObject({
  sandbox_id: z.string(),
  kind: z.enum(JOB_KINDS),
  status: z.enum(JOB_STATUSES),
  ...jobLinks,
});

/** 200 of a held command: how it ended, and its job. */
export const endedCommandSchema = endedJobSchema.extend(execResultSchema.shape);

/** 200 of a held removal: `freed_bytes` of a purge. */
export const removedSchema = z.looseObject({
  id: z.string(),
  freed_bytes: z.int().optional(),
  ...jobLinks,
});
