import type {
  JobFigure,
  JobKind,
  JobStatus,
  JobTimings,
} from '@sandboxed/domain';
import { jobDurations, NO_DURATIONS, withDuration } from '@sandboxed/domain';

/** Durations of this process' jobs, in memory until they are handed over: no job costs a write for them. */
export interface JobFigures {
  /** A job ended. */
  observe(kind: JobKind, outcome: JobStatus, timings: JobTimings): void;
  /** Gives away what was observed since the last time, perhaps nothing, and forgets it unless `take` throws. Throws what `take` throws. */
  handOver(take: (figures: readonly JobFigure[]) => void): void;
}

export function createJobFigures(): JobFigures {
  const series = new Map<string, JobFigure>();
  return {
    observe(kind, outcome, timings) {
      for (const { seconds, ...of } of jobDurations(kind, outcome, timings)) {
        const key = `${of.measure} ${of.kind} ${of.detail}`;
        const { histogram } = series.get(key) ?? { histogram: NO_DURATIONS };
        series.set(key, { ...of, histogram: withDuration(histogram, seconds) });
      }
    },
    handOver(take) {
      take([...series.values()]);
      series.clear();
    },
  };
}
