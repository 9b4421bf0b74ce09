import type { Store } from '@sandboxed/store';

/** Rows deleted in one tick: more than a second of calls can make. */
const BATCH = 20_000;

/** What is trimmed of the history is written down this often. Milliseconds. */
const NOTE_EVERY_MS = 3_600_000;

/** How long the audit log is kept, in milliseconds, and how many rows of it. */
export interface AuditBounds {
  readonly keepMs: number;
  readonly maxRows: number;
}

/** Deletes what is past its age or too much of the audit log, and writes that down in it. Returns the number of rows. */
export function trimAudit(
  store: Store,
  bounds: AuditBounds,
  now: number,
): number {
  return store.transaction(() => {
    const rows = store.audit.trim({ now, ...bounds, batch: BATCH });
    if (rows > 0) append(store, 'trim.audit', rows, now);
    return rows;
  });
}

/** Writes down what was trimmed of the history: the first at once, then a sum an hour. What is not told yet is lost with the process. */
export function createTrimNotes(
  store: Store,
): (rows: number, now: number) => void {
  let untold = 0;
  let toldAt: number | undefined;
  return (rows, now) => {
    untold += rows;
    const isSoon =
      toldAt !== undefined && Math.abs(now - toldAt) < NOTE_EVERY_MS;
    if (untold === 0 || isSoon) return;
    append(store, 'trim.history', untold, now);
    untold = 0;
    toldAt = now;
  };
}

function append(
  store: Store,
  action: string,
  rows: number,
  at_ms: number,
): void {
  const actor = 'reaper:trim';
  const detail = { rows };
  store.audit.append({ at_ms, actor, action, outcome: 'succeeded', detail });
}
