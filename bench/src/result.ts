import { z } from 'zod';
import { boundSchema } from './bound.ts';

const intervalSchema = z.tuple([z.number(), z.number()]).readonly();
const timingSchema = z.object({
  n: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  p50Interval: intervalSchema,
});
const hostLoadSchema = z.object({
  loadAverage: z.number(),
  /** Share of all cores that was busy in the second before, from 0 to 1. */
  busy: z.number(),
});
export type HostLoad = z.output<typeof hostLoadSchema>;

/** Figures of one path. Times in milliseconds. */
const rowSchema = z.object({
  path: z.string(),
  bound: boundSchema,
  /** Calls that were timed, ours and the raw ones. */
  attempts: z.number(),
  failed: z.number(),
  /** What the first few of the failed ones said. */
  failures: z.array(z.string()),
  ours: timingSchema.optional(),
  raw: timingSchema.optional(),
  ratio: z.object({ value: z.number(), interval: intervalSchema }).optional(),
  perSecond: z.number().optional(),
  amount: z.number().optional(),
  note: z.string().optional(),
  /** Why it was not measured. */
  skipped: z.string().optional(),
  hostBefore: hostLoadSchema.optional(),
  hostAfter: hostLoadSchema.optional(),
});
export type Row = z.output<typeof rowSchema>;

/** What a run leaves in bench/results. */
export const resultSchema = z.object({
  format: z.literal(1),
  at: z.string(),
  commit: z.string(),
  settings: z.record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean()]),
  ),
  machine: z.object({
    cpu: z.string(),
    cores: z.number(),
    memoryMb: z.number(),
    kernel: z.string(),
    docker: z.string(),
    runc: z.string(),
    node: z.string(),
    fileSystem: z.string(),
    /** Of a block of 4 KiB in the data directory. Milliseconds. */
    fdatasyncP50Ms: z.number(),
  }),
  rows: z.array(rowSchema),
});
export type Result = z.output<typeof resultSchema>;
