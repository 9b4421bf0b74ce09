import type { Store } from '@sandboxed/store';

/** Rows deleted in one transaction, each of which writes one row. */
const BATCH = 2_000;
/** One tick deletes for so long. Milliseconds. */
const TICK_MS = 500;

/** What is trimmed of the history is written down this often. Milliseconds. */
const NOTE_EVERY_MS = 3_600_000;

/** How long the audit log is kept, in milliseconds, and how many rows of it. */
export interface AuditBounds {
  readonly keepMs: number;
  readonly maxRows: number;
}

/** Deletes what is past its age or too much of the audit log. Returns the number of rows. */
export async function trimAudit(
  store: Store,
  bounds: AuditBounds,
  now: number,
): Promise<number> {
  const deadline = performance.now() + TICK_MS;
  let deleted = 0;
  do {
    const rows = store.audit.trim({ now, ...bounds, batch: BATCH });
    deleted += rows;
    if (rows === 0) break;
    await new Promise(setImmediate);
  } while (performance.now() < deadline);
  return deleted;
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
    store.audit.append({
      at_ms: now,
      actor: 'reaper:trim',
      action: 'trim.history',
      outcome: 'succeeded',
      detail: { rows: untold },
    });
    untold = 0;
    toldAt = now;
  };
}
