import type { CrashPoint } from '@sandboxed/domain';
import type { Store } from '@sandboxed/store';

/** Rows of each kind deleted in one transaction. */
const BATCH = 1_000;
/** One tick deletes for so long, since the other ticks wait meanwhile; the next one goes on. Milliseconds. */
const TICK_MS = 1_000;

/** How long finished jobs and events are kept, in milliseconds, and how large the database may be. */
export interface History {
  readonly keepMs: number;
  readonly maxBytes: number;
}

/** Deletes what is past its age or does not fit, letting other work in between two batches. Returns the number of rows. */
export async function trim(
  store: Store,
  history: History,
  now: number,
  reach: (point: CrashPoint) => void,
): Promise<number> {
  const deadline = performance.now() + TICK_MS;
  let deleted = 0;
  do {
    const batch = store.trim({ now, ...history, batch: BATCH });
    deleted += batch;
    if (batch === 0) break;
    reach('trim.batch');
    await new Promise(setImmediate);
  } while (performance.now() < deadline);
  store.checkpoint();
  return deleted;
}
