import type { Database } from 'better-sqlite3';
import type { EventType, JobClass, JobId } from '@sandboxed/domain';
import { EVENTS } from '@sandboxed/domain';
import { z } from 'zod';
import type { NewEvent } from './events.ts';
import { createGroup } from './group.ts';
import { isBusy } from './store-failure.ts';
import type { Settled } from './group.ts';
import type { Committed } from './store.ts';

/** One connection with its transactions, and what they want announced. */
export interface Session {
  readonly db: Database;
  /** Runs `work` in an immediate transaction; inside one it joins it. Announces after the outermost commit. */
  transaction<T>(work: () => T): T;
  /**
   * Like {@link Session.transaction}, at the end of this turn of the event loop and in one commit with all others that were asked for
   * in it: many small changes cost one write to the disk. One that throws takes back its own change alone. Not inside a transaction.
   */
  grouped<T>(work: () => T): Promise<T>;
  /** Appends to the event log and notes a nudge. Returns the event's number. */
  append<T extends EventType>(event: NewEvent<T>): number;
  /** Notes jobs to be offered to the queue. */
  offer(
    jobs: readonly { readonly id: JobId; readonly class: JobClass }[],
  ): void;
  /** Takes back what this transaction noted to be offered: the job has been taken meanwhile. */
  withdraw(id: JobId): void;
}

/** So many changes share one commit: readers and other writers are not to wait for more. */
const GROUP = 100;
/** A group lets the event loop go round while others write, for so long; then it waits as all do. Milliseconds. */
const PATIENCE_MS = 1_000;

interface Announcement {
  nudges: Committed['nudges'][number][];
  runnable: Committed['runnable'][number][];
}

/** `onCommit` must not throw for what was announced to be all; if it does, `onError` hears of it and the caller does not. */
export function createSession(
  db: Database,
  onCommit: (committed: Committed) => void,
  onError: (error: unknown) => void,
): Session {
  let pending: Announcement | undefined;
  const group = createGroup(GROUP, PATIENCE_MS, runGroup);
  // Made once for all: making one costs as much as a small statement. Inside another it is a savepoint.
  const begin = db.transaction((work: () => unknown) => work());
  const busyMs = z.int().parse(db.pragma('busy_timeout', { simple: true }));
  const insert = db.prepare<[string, string | null, string, string, number]>(
    'INSERT INTO events (sandbox_id, job_id, type, data, at) VALUES (?, ?, ?, ?, ?)',
  );

  function current(): Announcement {
    if (pending === undefined)
      throw new Error('announcing needs a transaction');
    return pending;
  }

  function announce(done: Announcement): void {
    if (done.nudges.length === 0 && done.runnable.length === 0) return;
    try {
      onCommit(done);
    } catch (error) {
      onError(error);
    }
  }

  function immediately<T>(work: () => T): T {
    let result: T;
    const done = (): T => result;
    begin.immediate(() => (result = work()));
    return done();
  }

  function transaction<T>(work: () => T): T {
    if (pending !== undefined) return work();
    const mine: Announcement = { nudges: [], runnable: [] };
    pending = mine;
    try {
      // A nested call joins, so an error that a caller catches inside would leave half a change: none of ours does.
      const result = immediately(work);
      pending = undefined;
      announce(mine);
      return result;
    } finally {
      pending = undefined;
    }
  }

  /** How long a statement waits while others write. Not by `pragma`, which costs eight times as much. */
  function waitFor(ms: number): void {
    db.exec(`PRAGMA busy_timeout = ${ms}`);
  }

  /** Undefined: somebody else writes just now. SQLite itself would hold up the whole process meanwhile, in sleeps of up to 100 ms. */
  function runGroup(
    works: readonly (() => void)[],
    isLast: boolean,
  ): readonly Settled[] | undefined {
    if (isLast) return transaction(() => works.map(settle));
    const state = { hasBegun: false };
    waitFor(0);
    try {
      return transaction(() => {
        state.hasBegun = true;
        waitFor(busyMs);
        return works.map(settle);
      });
    } catch (error) {
      if (state.hasBegun || !isBusy(error)) throw error;
      return undefined;
    } finally {
      if (!state.hasBegun) waitFor(busyMs);
    }
  }

  /** Runs one of a group in a savepoint of its own, so that it may throw and leave nothing. */
  function settle(work: () => void): Settled {
    const { nudges, runnable } = current();
    const before = { nudges: nudges.length, runnable: [...runnable] };
    const own: unknown[] = [];
    try {
      begin(() => {
        try {
          work();
        } catch (error) {
          own.push(error);
          throw error;
        }
      });
      return undefined;
    } catch (error) {
      // SQLite gave up the whole transaction, as it does when the disk is full, or could not take this one back alone: then
      // nobody's change may stay.
      if (!db.inTransaction || own[0] !== error) throw error;
      nudges.length = before.nudges;
      // Not cut off: it may have withdrawn what an earlier one offered.
      runnable.splice(0, runnable.length, ...before.runnable);
      return { error };
    }
  }

  return {
    db,
    transaction,
    grouped: (work) => group.add(work),
    append({ sandboxId, jobId, type, data, now }) {
      const { lastInsertRowid } = insert.run(
        sandboxId,
        jobId,
        type,
        JSON.stringify(EVENTS[type].parse(data)),
        now,
      );
      const seq = Number(lastInsertRowid);
      current().nudges.push({ seq, sandbox_id: sandboxId, job_id: jobId });
      return seq;
    },
    offer(jobs) {
      current().runnable.push(...jobs);
    },
    withdraw(id) {
      const { runnable } = current();
      const at = runnable.findLastIndex((job) => job.id === id);
      if (at >= 0) runnable.splice(at, 1);
    },
  };
}
