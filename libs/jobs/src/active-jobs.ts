import type { JobId, JobKind } from '@sandboxed/domain';
import { JOBS, LEASE_RENEW_MS } from '@sandboxed/domain';
import type { Claim } from '@sandboxed/store';
import type { AbortReason, JobDeps } from './context.ts';

/** A claimed job whose handler runs. */
export interface ActiveJob {
  readonly claim: Claim;
  readonly kind: JobKind;
  /** A second reason is not heard. */
  readonly abort: (why: AbortReason) => void;
}

/** The jobs that one process is at. Their claims are renewed together; work whose claim is lost is aborted. */
export interface ActiveJobs {
  add(job: ActiveJob): void;
  remove(job: ActiveJob): void;
  /** Looks at once whether it was cancelled. */
  cancelled(id: JobId): void;
  /** Aborts all but lifecycle jobs, which are short, and each that is added from now on. */
  release(): void;
  isReleasing(): boolean;
}

/** Nothing is timed while there are none. */
export function createActiveJobs({
  store,
  now,
  logger,
}: Pick<JobDeps, 'store' | 'now' | 'logger'>): ActiveJobs {
  const active = new Set<ActiveJob>();
  let timer: NodeJS.Timeout | undefined;
  let isRenewing = false;
  let releasing = false;

  function interrupt({ kind, abort }: ActiveJob, why: AbortReason): void {
    if (JOBS[kind].class !== 'lifecycle') abort(why);
  }

  /** One write, in the turn of everybody else's: as many as there are jobs would hold up the process while others write. */
  async function renew(): Promise<void> {
    if (isRenewing) return;
    isRenewing = true;
    try {
      const seen = await store.grouped(() =>
        [...active].map((job) => ({
          job,
          ...store.jobs.renew(job.claim, now()),
        })),
      );
      for (const { job, held, cancelRequested } of seen)
        if (!held) job.abort('lost');
        else if (cancelRequested) interrupt(job, 'cancelled');
    } catch (error) {
      logger.warn({ err: error }, 'leases could not be renewed');
    } finally {
      isRenewing = false;
    }
  }

  return {
    add(job) {
      active.add(job);
      timer ??= setInterval(() => void renew(), LEASE_RENEW_MS);
      if (releasing) interrupt(job, 'shutdown');
    },
    remove(job) {
      active.delete(job);
      if (active.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
    cancelled(id) {
      const mine = [...active].filter(({ claim }) => claim.jobId === id);
      try {
        if (mine.length > 0 && store.jobs.get(id)?.cancel_requested === true)
          for (const job of mine) interrupt(job, 'cancelled');
      } catch (error) {
        // The next renewal sees it.
        logger.warn({ err: error, jobId: id }, 'a cancel was not looked at');
      }
    },
    release() {
      releasing = true;
      for (const job of active) interrupt(job, 'shutdown');
    },
    isReleasing: () => releasing,
  };
}
