import type { JobFigure, JobMeasure } from '@sandboxed/domain';
import { JOB_MEASURES } from '@sandboxed/domain';
import { histogramLines } from './exposition.ts';
import type { ApiDeps } from './http/route.ts';

/** Metric of each measure, and its label for the detail. */
const METRICS: Readonly<
  Record<
    JobMeasure,
    {
      readonly name: `${string}_seconds`;
      readonly help: string;
      readonly label?: string;
    }
  >
> = {
  queue: {
    name: 'sandboxed_job_queue_seconds',
    help: 'How long jobs waited for a worker.',
  },
  phase: {
    name: 'sandboxed_job_phase_seconds',
    help: 'How long each step of jobs took.',
    label: 'phase',
  },
  duration: {
    name: 'sandboxed_job_duration_seconds',
    help: 'How long jobs took from their first claim to their end, by how they ended.',
    label: 'outcome',
  },
};

/**
 * Lines for Prometheus. Workers add what they measured every 5 s, so that it outlives them and only rises; of one that is killed the
 * last seconds are missing.
 */
export function jobMetrics({ store }: Pick<ApiDeps, 'store'>): string[] {
  const figures = store.jobFigures.all();
  return JOB_MEASURES.flatMap((measure) => {
    const { label, ...metric } = METRICS[measure];
    const ofMeasure = figures.filter((figure) => figure.measure === measure);
    return histogramLines(metric, ofMeasure.map(toSeries(label)));
  });
}

const toSeries =
  (label: string | undefined) =>
  ({ kind, detail, histogram }: JobFigure) => ({
    labels: { kind, ...(label !== undefined && { [label]: detail }) },
    histogram,
  });
