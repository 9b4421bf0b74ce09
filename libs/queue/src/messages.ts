import { jobIdSchema, nudgeSchema } from '@sandboxed/domain';
import { z } from 'zod';

/** Payload of every queued job: where to look. Redis never holds more than ids. */
export const jobDataSchema = z.strictObject({ id: jobIdSchema });

/** Name of a tick; it becomes part of Redis keys. */
export const tickNameSchema = z
  .string()
  .regex(/^[a-z][a-z+-]{0,31}$/, 'must be lower-case letters, dashes and +');

/** At most this many nudges travel in one message. */
export const NUDGES_PER_MESSAGE = 500;
export const nudgesSchema = z.array(nudgeSchema).max(NUDGES_PER_MESSAGE);
export const cancelSchema = z.strictObject({ job_id: jobIdSchema });
