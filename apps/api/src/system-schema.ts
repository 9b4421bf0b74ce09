import {
  JOB_STATUSES,
  MEMORY_BANDS,
  SANDBOX_STATES,
  SCOPES,
  warningSchema,
} from '@sandboxed/domain';
import { z } from 'zod';

const depthSchema = z.object({ waiting: z.int(), active: z.int() });

/** `GET /v1/system`. All but version, caller and warnings is of all tenants together, and told to admins alone. */
export const systemSchema = z.looseObject({
  version: z.string(),
  caller: z.object({
    tenant: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    key_id: z.string().nullable(),
  }),
  warnings: z.array(warningSchema),
  node: z.string().optional(),
  docker: z.string().nullable().optional(),
  runc: z.string().nullable().optional(),
  kernel: z.string().nullable().optional(),
  /** In MiB. */
  capacity: z
    .object({
      memory_total_mb: z.int(),
      memory_free_mb: z.int(),
      memory_reserved_mb: z.number(),
      memory_band: z.enum(MEMORY_BANDS),
      starts_waiting: z.int(),
    })
    .optional(),
  /** The data directory, in MiB. */
  disk: z
    .looseObject({
      free_mb: z.int(),
      total_mb: z.int(),
      is_short: z.boolean(),
      workspaces_mb: z.int(),
    })
    .optional(),
  warm_pool: z
    .object({
      wanted: z.int(),
      ready: z.int(),
      hits: z.int(),
      misses: z.int(),
    })
    .optional(),
  sandboxes: z.record(z.enum(SANDBOX_STATES), z.int()).optional(),
  jobs: z.record(z.enum(JOB_STATUSES), z.int()).optional(),
  /** By class of jobs; null while Redis does not answer. */
  queues: z
    .object({ lifecycle: depthSchema, exec: depthSchema, task: depthSchema })
    .nullable()
    .optional(),
  workers: z
    .array(
      z.object({ id: z.string(), seen_at: z.string(), docker_ok: z.boolean() }),
    )
    .optional(),
});
