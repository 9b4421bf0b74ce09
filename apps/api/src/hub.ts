import type { JobId, JobRecord, SandboxId } from '@sandboxed/domain';
import { DomainError, isFinished } from '@sandboxed/domain';
import type { Bus } from '@sandboxed/queue';
import type { Store } from '@sandboxed/store';

/** A nudge may be lost: readers look again after this time by themselves. Milliseconds. */
const FALLBACK_MS = 1_000;

/** Wakes those who wait for a job's or a sandbox's events. It only says "look again"; SQLite has the answer. */
export interface Hub {
  /** Resolves at the next nudge for the id, at the latest after a second, or when the signal aborts. */
  changed(id: JobId | SandboxId, signal?: AbortSignal): Promise<void>;
  /** The job when it is finished, `seconds` are over or this process is going away, whichever is first. Throws `job_not_found`. */
  waitFor(id: JobId, seconds: number, signal?: AbortSignal): Promise<JobRecord>;
  /** Aborted once this process is going away: whoever waits answers with what there is, and streams end to be resumed. */
  readonly closing: AbortSignal;
  /** Aborts `closing` and lets all who wait go on. */
  release(): void;
  close(): void;
}

/** One subscription for all waiters of the process. */
export function createHub(bus: Bus, store: Store): Hub {
  const waiters = new Map<string, Set<() => void>>();
  const closing = new AbortController();
  const wake = (id: string): void => {
    for (const resolve of waiters.get(id) ?? []) resolve();
  };
  const stops = [
    bus.onNudge(({ job_id, sandbox_id }) => {
      if (job_id !== null) wake(job_id);
      wake(sandbox_id);
    }),
    bus.onReconnect(wakeAll),
  ];

  function wakeAll(): void {
    for (const id of [...waiters.keys()]) wake(id);
  }

  function changed(id: string, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const set = waiters.get(id) ?? new Set();
      waiters.set(id, set);
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        set.delete(done);
        if (set.size === 0 && waiters.get(id) === set) waiters.delete(id);
        resolve();
      };
      const timer = setTimeout(done, FALLBACK_MS);
      set.add(done);
      signal?.addEventListener('abort', done);
      if (signal?.aborted === true || closing.signal.aborted) done();
    });
  }

  return {
    changed,
    async waitFor(id, seconds, signal) {
      const deadline = performance.now() + seconds * 1000;
      for (;;) {
        const next = changed(id, signal);
        const status = store.jobs.status(id);
        const isOver =
          status === undefined ||
          isFinished(status) ||
          performance.now() >= deadline ||
          signal?.aborted === true ||
          closing.signal.aborted;
        const job = isOver ? store.jobs.get(id) : undefined;
        if (job !== undefined) return job;
        if (isOver)
          throw new DomainError('job_not_found', `There is no job ${id}.`);
        await next;
      }
    },
    closing: closing.signal,
    release() {
      closing.abort();
      wakeAll();
    },
    close() {
      for (const stop of stops) stop();
      wakeAll();
    },
  };
}
