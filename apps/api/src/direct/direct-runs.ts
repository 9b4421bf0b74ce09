import { setTimeout as pause } from 'node:timers/promises';
import type { JobId } from '@sandboxed/domain';
import type { JobDeps, RunnerSettings, Taken } from '@sandboxed/jobs';
import { createJobRunner, execHandler } from '@sandboxed/jobs';

/**
 * Commands that this process runs itself, without a way through the queue: the caller waits for them, and nothing of their sandbox
 * stands before them. Each is held by a lease as a worker holds it, so another process goes on when this one is lost.
 */
export interface DirectRuns {
  /**
   * Does `work`, which may take one job in the transaction that submits it, and begins that job once `work` has resolved. While
   * too many are under way none is taken, and the job goes through the queue.
   */
  taking<T>(work: (take: (id: JobId) => void) => Promise<T>): Promise<T>;
  /** Looks at once whether a job of ours was cancelled. */
  cancelled(id: JobId): void;
  /** Takes no more, and lets go of what runs, for a worker to follow. Resolves when that is done or `deadlineMs` are over. */
  close(deadlineMs: number): Promise<void>;
}

/** `most`: so many at once; none for 0. */
export function createDirectRuns(
  deps: JobDeps,
  {
    most,
    ...identity
  }: Pick<RunnerSettings<JobDeps>, 'workerId' | 'tracing'> & {
    readonly most: number;
  },
): DirectRuns {
  const runner = createJobRunner<JobDeps>({
    ...deps,
    ...identity,
    handlers: { exec: execHandler },
  });
  const runs = new Set<Promise<void>>();
  let held = 0;
  let closing = false;

  function begin(taken: Taken): void {
    const run = runner
      .see(taken)
      .catch((error: unknown) => {
        // Its lease runs out, and a worker goes on.
        deps.logger.error({ err: error }, 'a command was dropped');
      })
      .finally(() => {
        held -= 1;
        runs.delete(run);
      });
    runs.add(run);
  }

  return {
    async taking(work) {
      const mine: { taken?: Taken | undefined } = {};
      try {
        const result = await work((id) => {
          if (closing || held >= most) return;
          mine.taken = runner.take(id);
          if (mine.taken !== undefined) held += 1;
        });
        if (mine.taken !== undefined) begin(mine.taken);
        return result;
      } catch (error) {
        // The claim was taken back with all the rest.
        if (mine.taken !== undefined) held -= 1;
        throw error;
      }
    },
    cancelled(id) {
      runner.cancelled(id);
    },
    async close(deadlineMs) {
      closing = true;
      runner.release();
      await Promise.race([
        Promise.all(runs),
        pause(deadlineMs, undefined, { ref: false }),
      ]);
    },
  };
}
