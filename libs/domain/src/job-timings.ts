import { z } from 'zod';

const millis = z.number().nonnegative();

/**
 * Where the time of a finished job went, in milliseconds to a tenth, one stretch after the other: `total_ms` is their sum. Of a
 * job that was tried more than once, `phases` are those of its last try.
 */
export const jobTimingsSchema = z.object({
  /** From the call of the API that asked for it to its row, before the commit; absent for a job that none asked for. */
  accept_ms: millis.optional(),
  /** From its row to its first claim: commit, queue, jobs before it, memory that a start waits for. */
  queue_ms: millis,
  /** From its first claim to the beginning of its last try. */
  earlier_ms: millis,
  /** In the order in which they began. Another version's may have other names. */
  phases: z.record(z.string(), millis),
  total_ms: millis,
});
export type JobTimings = z.output<typeof jobTimingsSchema>;

/** What was measured of one job. Milliseconds; what a clock that was set back makes negative counts as nothing. */
export interface MeasuredJob {
  readonly acceptMs: number | null;
  readonly queueMs: number;
  readonly earlierMs: number;
  readonly phases: ReadonlyMap<string, number>;
}

/** The timings of a job. */
export function jobTimings(job: MeasuredJob): JobTimings {
  // Whole tenths, so that the sum is exact.
  const phases = [...job.phases].map(([name, ms]): [string, number] => [
    name,
    tenths(ms),
  ]);
  const acceptTenths = tenths(job.acceptMs ?? 0);
  const queueTenths = tenths(job.queueMs);
  const earlierTenths = tenths(job.earlierMs);
  const total = phases.reduce(
    (sum, [, ms]) => sum + ms,
    acceptTenths + queueTenths + earlierTenths,
  );
  return {
    ...(job.acceptMs !== null && { accept_ms: acceptTenths / 10 }),
    queue_ms: queueTenths / 10,
    earlier_ms: earlierTenths / 10,
    phases: Object.fromEntries(phases.map(([name, ms]) => [name, ms / 10])),
    total_ms: total / 10,
  };
}

function tenths(ms: number): number {
  return Math.max(0, Math.round(ms * 10));
}
