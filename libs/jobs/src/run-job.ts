import { setTimeout as pause } from 'node:timers/promises';
import type { JobId, JobKind, JobRecord } from '@sandboxed/domain';
import { DomainError, JOBS, retryDelayMs, toFailure } from '@sandboxed/domain';
import type { Tracing } from '@sandboxed/runtime';
import { NO_TRACING } from '@sandboxed/runtime';
import type { Claim, Claimed, Outcome } from '@sandboxed/store';
import { isStoreFailure } from '@sandboxed/store';
import type { ActiveJob } from './active-jobs.ts';
import { createActiveJobs } from './active-jobs.ts';
import type {
  JobContext,
  JobDeps,
  JobHandler,
  JobHandlers,
} from './context.ts';
import { Deferred, FailedWithResult } from './context.ts';
import { inJobSpan } from './job-span.ts';
import type { Stopwatch } from './stopwatch.ts';
import { createStopwatch } from './stopwatch.ts';

/** A job is begun this often: one that takes its worker down must not take all of them, again and again. */
export const MAX_CLAIMS = 20;

/** A job that this process holds and has not begun. */
export interface Taken {
  readonly claim: Claimed;
  readonly stopwatch: Stopwatch;
}

/** Runs jobs; one of a process. */
export interface JobRunner {
  /** Claims the job and sees it through. A job that is somebody else's, finished or not due is left alone. Never rejects for a job's own failure. */
  run(id: JobId): Promise<void>;
  /** Claims a job, also inside the transaction that submits it; undefined when it is not to be had. */
  take(id: JobId): Taken | undefined;
  /** Sees a taken job through, once its claim is committed. Let go of at once when this process is going away: what is begun then is another's to follow. */
  see(taken: Taken): Promise<void>;
  /** Looks at once whether a job of ours was cancelled. */
  cancelled(id: JobId): void;
  /** Lets go of long work so that another worker takes it over; short work is finished. */
  release(): void;
}

/** What tells the runner of one process from another's. */
export interface RunnerSettings<D extends JobDeps> {
  readonly workerId: string;
  /** Of the kinds that it runs; others are left alone. */
  readonly handlers: Partial<JobHandlers<D>>;
  /** Left out: nothing is traced. */
  readonly tracing?: Tracing;
  /** Called as a lifecycle job of this worker ends: there may be room for other work. Must not throw. */
  readonly onLifecycleEnd?: () => void;
}

interface TimedContext<K extends JobKind, D extends JobDeps> extends JobContext<
  K,
  D
> {
  readonly stopwatch: Stopwatch;
  /** What this attempt wants done alongside its success. */
  readonly last: (() => void)[];
}

/** A claim is renewed while its handler runs; a lost one aborts the handler and writes nothing. */
export function createJobRunner<D extends JobDeps>(
  deps: D & RunnerSettings<D>,
): JobRunner {
  const { store, now, logger, tracing = NO_TRACING } = deps;
  const active = createActiveJobs(deps);

  function take(id: JobId): Taken | undefined {
    const claimedAt = now();
    const stopwatch = createStopwatch('claim', claimedAt);
    const claim = store.jobs.claim(id, deps.workerId, claimedAt);
    return claim === undefined ? undefined : { claim, stopwatch };
  }

  async function see({ claim, stopwatch }: Taken): Promise<void> {
    deps.reach('job.claimed');
    const { jobId: id, job } = claim;
    const { kind } = job;
    const controller = new AbortController();
    const context = readable(kind, job, claim, controller.signal, stopwatch);
    if (context === undefined) return;
    const mine: ActiveJob = {
      claim,
      kind,
      abort(why) {
        controller.abort(why);
      },
    };
    // It was cancelled while nobody held it; later cancels come over the bus.
    if (job.cancel_requested && JOBS[kind].class !== 'lifecycle')
      mine.abort('cancelled');
    active.add(mine);
    const startedAt = now();
    try {
      const status = await seeThrough(kind, context);
      if (status === 'released') letGo(claim);
      logger.info(
        {
          jobId: id,
          sandboxId: claim.sandboxId,
          kind,
          status,
          recovered: claim.recovered,
          durationMs: now() - startedAt,
        },
        'job',
      );
      // A sandbox that stopped, or that runs and holds no memory for its start any more, makes room.
      if (JOBS[kind].class === 'lifecycle') deps.onLifecycleEnd?.();
    } finally {
      active.remove(mine);
    }
  }

  /** A payload that another version wrote and this one cannot read ends its job, which would else hold up its sandbox for ever. */
  function readable<K extends JobKind>(
    kind: K,
    job: JobRecord,
    claim: Claim,
    signal: AbortSignal,
    stopwatch: Stopwatch,
  ): TimedContext<K, D> | undefined {
    try {
      return contextOf(kind, job, claim, signal, stopwatch);
    } catch (error) {
      logger.error({ err: error, jobId: job.id }, 'payload not understood');
      const outcome = { status: 'failed', error: toFailure(error) } as const;
      store.jobs.finish(claim, outcome, now());
      return undefined;
    }
  }

  /** Nothing of ours works on it any more: who takes over need not wait for the lease. */
  function letGo(claim: Claim): void {
    if (active.isReleasing()) store.jobs.release(claim, now());
  }

  function contextOf<K extends JobKind>(
    kind: K,
    job: JobRecord,
    claim: Claim,
    signal: AbortSignal,
    stopwatch: Stopwatch,
  ): TimedContext<K, D> {
    const last: (() => void)[] = [];
    return {
      job,
      claim,
      last,
      alongside(work) {
        last.push(work);
      },
      // Parsed by the job's own schema; the compiler cannot see that `kind` and `payload` belong together.
      payload: JOBS[kind].payload.parse(job.payload) as JobContext<
        K,
        D
      >['payload'],
      signal,
      deps,
      stopwatch,
      phase: stopwatch.phase,
    };
  }

  /** Tries until it succeeds, fails for good, is cancelled, or is no longer ours. */
  async function seeThrough<K extends JobKind>(
    kind: K,
    context: TimedContext<K, D>,
  ): Promise<Outcome['status'] | 'released' | 'deferred'> {
    const { claim, signal } = context;
    const handler = handlerOf(kind);
    if (claim.fence > MAX_CLAIMS)
      return fail(
        kind,
        context,
        new DomainError(
          'worker_lost',
          `This was begun ${MAX_CLAIMS} times, and each time its worker was lost.`,
        ),
      );
    for (let attempt = 1; ; attempt = store.jobs.countAttempt(claim)) {
      try {
        const result = await inJobSpan(tracing, context, (inSpan) =>
          handler.run(inSpan),
        );
        deps.reach('job.handled');
        const status = await commit(
          context,
          { status: 'succeeded', result },
          () => {
            for (const work of context.last) work();
            handler.alongside?.(context);
          },
        );
        if (status === 'succeeded') {
          deps.reach('job.committed');
          await attempted(context, handler.onSucceeded?.(context));
        }
        return status;
      } catch (error) {
        if (error instanceof Deferred) return 'deferred';
        if (isLost(signal, error)) return 'released';
        // How the work went cannot be written: whoever takes it again, once that is possible, finds it done or goes on.
        if (isStoreFailure(error)) {
          logger.warn({ err: error, jobId: claim.jobId }, 'not on record');
          return 'released';
        }
        const failure = toFailure(error);
        if (failure.code === 'cancelled')
          return await commit(context, {
            status: 'cancelled',
            error: failure,
            ...resultOf(error),
          });
        logger.warn(
          {
            err: error,
            jobId: claim.jobId,
            sandboxId: claim.sandboxId,
            kind,
            attempt,
          },
          'job attempt failed',
        );
        const delay = retryDelayMs(kind, failure.code, attempt, Math.random());
        if (delay === undefined) return fail(kind, context, error);
        if (active.isReleasing()) return 'released';
        await pause(delay, undefined, { signal }).catch(() => undefined);
        if (signal.aborted && signal.reason !== 'cancelled') return 'released';
        context.stopwatch.again();
        context.last.length = 0;
      }
    }
  }

  async function fail<K extends JobKind>(
    kind: K,
    context: TimedContext<K, D>,
    error: unknown,
  ): Promise<Outcome['status'] | 'released'> {
    const handler = handlerOf(kind);
    await attempted(context, handler.beforeFailed?.(context));
    deps.reach('job.failing');
    return commit(
      context,
      { status: 'failed', error: toFailure(error), ...resultOf(error) },
      () => {
        handler.onFailed?.(context, error);
      },
    );
  }

  function handlerOf<K extends JobKind>(kind: K): JobHandler<K, D> {
    const handler = deps.handlers[kind];
    if (handler === undefined) throw new Error(`a ${kind} is not run here`);
    return handler;
  }

  /** Waits for what a job ends with, without making it the job's own failure. */
  async function attempted<K extends JobKind>(
    { claim }: JobContext<K, D>,
    work: Promise<void> | undefined,
  ): Promise<void> {
    try {
      await work;
    } catch (error) {
      logger.warn(
        { err: error, jobId: claim.jobId },
        'a job was not cleared up after',
      );
    }
  }

  /** Jobs that end at the same time share a write. */
  async function commit<K extends JobKind>(
    { claim, job, stopwatch }: TimedContext<K, D>,
    outcome: Outcome,
    alongside: () => void = () => undefined,
  ): Promise<Outcome['status'] | 'released'> {
    stopwatch.phase('finish');
    try {
      await store.grouped(() => {
        store.jobs.assertHeld(claim);
        alongside();
        store.jobs.finish(claim, outcome, now(), stopwatch.read(job));
      });
      // With the commit, which is not in the row.
      deps.figures.observe(job.kind, outcome.status, stopwatch.read(job));
      return outcome.status;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'stale_write')
        return 'released';
      throw error;
    }
  }

  return {
    async run(id) {
      const job = store.jobs.get(id);
      if (job === undefined) {
        logger.warn({ jobId: id }, 'a job without a row was offered');
        return;
      }
      if (active.isReleasing() || deps.handlers[job.kind] === undefined) return;
      const taken = await store.grouped(() => take(id));
      if (taken !== undefined) await see(taken);
    },
    take,
    see,
    cancelled(id) {
      active.cancelled(id);
    },
    release() {
      active.release();
    },
  };
}

/** What a failure still has to tell. */
function resultOf(error: unknown): { readonly result?: unknown } {
  return error instanceof FailedWithResult ? { result: error.result } : {};
}

function isLost(signal: AbortSignal, error: unknown): boolean {
  if (signal.aborted && signal.reason !== 'cancelled') return true;
  return error instanceof DomainError && error.code === 'stale_write';
}
