import {
  setImmediate as nextTurn,
  setTimeout as pause,
} from 'node:timers/promises';
import type { JobId } from '@sandboxed/domain';
import type { JobDeps, RunnerSettings, Taken } from '@sandboxed/jobs';
import { createJobRunner, execHandler } from '@sandboxed/jobs';

/**
 * Commands that this process runs itself, without a way through the queue: the caller waits for them, and nothing of their sandbox
 * stands before them. Each is held by a lease as a worker holds it, so another process goes on when this one is lost.
 */
export interface DirectRuns {
  /**
   * Does `work`, which may take one job of a tenant's sandbox in the transaction that submits it, and begins that job once `work` has
   * resolved. While too many are under way none is taken, and the job goes through the queue.
   */
  taking<T>(work: (take: Take) => Promise<T>): Promise<T>;
  /** Looks at once whether a job of ours was cancelled. */
  cancelled(id: JobId): void;
  /** Takes no more, and lets go of what runs, for a worker to follow. Resolves when that is done or `deadlineMs` are over. */
  close(deadlineMs: number): Promise<void>;
}

export type Take = (id: JobId, tenant: string) => void;

/** `most`: so many at once; none for 0. `mostOfTenant`: so many of one tenant, whose programs write as fast as they like. */
export function createDirectRuns(
  deps: JobDeps,
  {
    most,
    mostOfTenant,
    ...identity
  }: Pick<RunnerSettings<JobDeps>, 'workerId' | 'tracing'> & {
    readonly most: number;
    readonly mostOfTenant: number;
  },
): DirectRuns {
  const runner = createJobRunner<JobDeps>({
    ...deps,
    ...identity,
    handlers: { exec: execHandler },
  });
  const runs = new Set<Promise<void>>();
  /** The tenants of what is held, each as often as it has something. */
  const held: string[] = [];
  let closing = false;

  function free(tenant: string): void {
    held.splice(held.indexOf(tenant), 1);
  }

  function begin(taken: Taken, tenant: string): void {
    const run = runner
      .see(taken)
      .catch((error: unknown) => {
        // Its lease runs out, and a worker goes on.
        deps.logger.error({ err: error }, 'a command was dropped');
      })
      .finally(() => {
        free(tenant);
        runs.delete(run);
      });
    runs.add(run);
  }

  return {
    async taking(work) {
      const mine: { taken?: { readonly it: Taken; readonly tenant: string } } =
        {};
      try {
        const result = await work((id, tenant) => {
          if (closing || held.length >= most) return;
          if (held.filter((one) => one === tenant).length >= mostOfTenant)
            return;
          const it = runner.take(id);
          if (it === undefined) return;
          mine.taken = { it, tenant };
          held.push(tenant);
        });
        if (mine.taken !== undefined) {
          begin(mine.taken.it, mine.taken.tenant);
          // Its agent hears of it before anything else is looked at: what is sent now leaves at the end of this turn.
          await nextTurn();
        }
        return result;
      } catch (error) {
        // The claim was taken back with all the rest.
        if (mine.taken !== undefined) free(mine.taken.tenant);
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
