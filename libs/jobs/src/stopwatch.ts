import type { JobRecord, JobTimings } from '@sandboxed/domain';
import { jobTimings } from '@sandboxed/domain';

/** Measures the steps of one claimed job. */
export interface Stopwatch {
  /** Ends the step before and begins this one; the time of one that comes again is added up. */
  readonly phase: (name: string) => void;
  /** The job is tried again: what was measured counts as earlier. */
  again(): void;
  /** What was measured so far, with the step under way. */
  read(
    job: Pick<JobRecord, 'accept_ms' | 'created_at' | 'started_at'>,
  ): JobTimings;
}

/** Begins with step `first` at `claimedAt`, in ms since the epoch. `clock` answers milliseconds that only go forward. */
export function createStopwatch(
  first: string,
  claimedAt: number,
  clock: () => number = () => performance.now(),
): Stopwatch {
  const phases = new Map<string, number>();
  let name = first;
  let begun = clock();
  let earlierMs = 0;

  function lap(): void {
    const now = clock();
    phases.set(name, (phases.get(name) ?? 0) + now - begun);
    begun = now;
  }

  return {
    phase(next) {
      lap();
      name = next;
    },
    again() {
      lap();
      for (const ms of phases.values()) earlierMs += ms;
      phases.clear();
      name = first;
    },
    read(job) {
      lap();
      const startedAt = job.started_at ?? claimedAt;
      return jobTimings({
        acceptMs: job.accept_ms,
        queueMs: startedAt - job.created_at,
        // Of a job that was taken over, also what its earlier workers had of it.
        earlierMs: Math.max(0, claimedAt - startedAt) + earlierMs,
        phases,
      });
    },
  };
}
