import type { JobFigure, JobMeasure } from '@sandboxed/domain';
import { JOB_MEASURES } from '@sandboxed/domain';
import { histogramLines } from './exposition.ts';
import type { ApiDeps } from './http/route.ts';

/** Metric of each measure, and its label for the detail. */
const METRICS: Readonly<
  Record<JobMeasure, { readonly name: string; readonly label?: string }>
> = {
  queue: { name: 'sandboxed_job_queue_seconds' },
  phase: { name: 'sandboxed_job_phase_seconds', label: 'phase' },
  duration: { name: 'sandboxed_job_duration_seconds', label: 'outcome' },
};

/**
 * Lines for Prometheus. Workers add what they measured every 5 s, so that it outlives them and only rises; of one that is killed the
 * last seconds are missing.
 */
export function jobMetrics({ store }: Pick<ApiDeps, 'store'>): string[] {
  const figures = store.jobFigures.all();
  return JOB_MEASURES.flatMap((measure) => {
    const { name, label } = METRICS[measure];
    const ofMeasure = figures.filter((figure) => figure.measure === measure);
    return histogramLines(name, ofMeasure.map(toSeries(label)));
  });
}

const toSeries =
  (label: string | undefined) =>
  ({ kind, detail, histogram }: JobFigure) => ({
    labels: { kind, ...(label !== undefined && { [label]: detail }) },
    histogram,
  });
