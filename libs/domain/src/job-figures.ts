import type { Histogram } from './histogram.ts';
import type { JobKind, JobStatus } from './job.ts';
import type { JobTimings } from './job-timings.ts';

/** What is counted of finished jobs: how long they waited, each step took, and all of it. */
export const JOB_MEASURES = ['queue', 'phase', 'duration'] as const;
export type JobMeasure = (typeof JOB_MEASURES)[number];

/** Which durations belong together. `detail` is the phase, or how the job ended; empty for `queue`. */
export interface JobSeries {
  readonly measure: JobMeasure;
  readonly kind: JobKind;
  readonly detail: string;
}

/** Durations of many jobs. */
export interface JobFigure extends JobSeries {
  readonly histogram: Histogram;
}

/** What a finished job adds to the figures. */
export function jobDurations(
  kind: JobKind,
  outcome: JobStatus,
  { queue_ms, phases, total_ms }: JobTimings,
): readonly (JobSeries & { readonly seconds: number })[] {
  return [
    { measure: 'queue', kind, detail: '', seconds: queue_ms / 1_000 },
    ...Object.entries(phases).map(
      ([phase, ms]) =>
        ({
          measure: 'phase',
          kind,
          detail: phase,
          seconds: ms / 1_000,
        }) as const,
    ),
    { measure: 'duration', kind, detail: outcome, seconds: total_ms / 1_000 },
  ];
}
