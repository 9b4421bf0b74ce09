import type { JobId, JobRecord, Nudge, SandboxId } from '@sandboxed/domain';
import { DomainError, isFinished } from '@sandboxed/domain';
import type { Bus } from '@sandboxed/queue';
import type { Store } from '@sandboxed/store';
import type { Look } from './http/event-page.ts';

/** A nudge may be lost: readers look again after this time by themselves. Milliseconds. */
const FALLBACK_MS = 1_000;

/** Wakes those who wait for a job's or a sandbox's events. It only says "look again"; SQLite has the answer. */
export interface Hub {
  /** Resolves at the next nudge for the id, at the latest after a second, or when the signal aborts. */
  changed(id: JobId | SandboxId, signal?: AbortSignal): Promise<void>;
  /** The same at the next nudge of all. */
  anything(signal?: AbortSignal): Promise<void>;
  /** The same as `next`, and what all who wait for that same nudge have read since the last one. */
  follow(
    id: JobId | SandboxId,
    signal?: AbortSignal,
  ): { readonly next: Promise<void>; readonly look: Look };
  /** The job when it is finished, `seconds` are over or this process is going away, whichever is first. Throws `job_not_found`. */
  waitFor(id: JobId, seconds: number, signal?: AbortSignal): Promise<JobRecord>;
  /** This process has committed something itself: whoever waits for it here need not hear of it from Redis. */
  committed(nudges: readonly Nudge[]): void;
  /** Aborted once this process is going away: whoever waits answers with what there is, and streams end to be resumed. */
  readonly closing: AbortSignal;
  /** Aborts `closing` and lets all who wait go on. */
  release(): void;
  close(): void;
}

/** No id: what those wait for who hear of everything. */
const ANYTHING = '*';

/** Those who wait for the same nudge. */
interface Waiters {
  readonly wakes: Set<() => void>;
  readonly timer: NodeJS.Timeout;
  readonly look: Look;
}

/** One subscription for all waiters of the process, one timer for those of an id. */
export function createHub(bus: Bus, store: Store): Hub {
  const waiters = new Map<string, Waiters>();
  const closing = new AbortController();
  const wake = (id: string): void => {
    const woken = waiters.get(id);
    if (woken === undefined) return;
    waiters.delete(id);
    clearTimeout(woken.timer);
    for (const resolve of woken.wakes) resolve();
  };
  const nudged = ({ job_id, sandbox_id }: Nudge): void => {
    if (job_id !== null) wake(job_id);
    wake(sandbox_id);
    wake(ANYTHING);
  };
  const stops = [bus.onNudge(nudged), bus.onReconnect(wakeAll)];

  function wakeAll(): void {
    for (const id of [...waiters.keys()]) wake(id);
  }

  function join(id: string): Waiters {
    const there = waiters.get(id);
    if (there !== undefined) return there;
    const made: Waiters = {
      wakes: new Set(),
      timer: setTimeout(() => {
        wake(id);
      }, FALLBACK_MS),
      look: {},
    };
    waiters.set(id, made);
    return made;
  }

  function follow(
    id: string,
    signal?: AbortSignal,
  ): { next: Promise<void>; look: Look } {
    if (signal?.aborted === true || closing.signal.aborted)
      return { next: Promise.resolve(), look: {} };
    const mine = join(id);
    const next = new Promise<void>((resolve) => {
      const woken = (): void => {
        signal?.removeEventListener('abort', left);
        resolve();
      };
      const left = (): void => {
        mine.wakes.delete(woken);
        if (mine.wakes.size === 0 && waiters.get(id) === mine) wake(id);
        woken();
      };
      mine.wakes.add(woken);
      signal?.addEventListener('abort', left);
    });
    return { next, look: mine.look };
  }

  const changed = (id: string, signal?: AbortSignal): Promise<void> =>
    follow(id, signal).next;

  return {
    changed,
    anything: (signal) => changed(ANYTHING, signal),
    follow,
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
    committed(nudges) {
      for (const nudge of nudges) nudged(nudge);
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
