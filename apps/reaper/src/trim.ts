import type { CrashPoint } from '@sandboxed/domain';
import type { Store } from '@sandboxed/store';

/** Finished jobs and their events are kept this long. Milliseconds. */
export const KEEP_MS = 7 * 86_400_000;
/** Rows of each kind deleted in one transaction, and transactions in one tick; the next tick goes on. */
const BATCH = 1_000;
const MAX_BATCHES = 20;

/** Deletes what is past its age, letting other work in between two batches. Returns the number of rows. */
export async function trim(
  store: Store,
  now: number,
  reach: (point: CrashPoint) => void,
): Promise<number> {
  let deleted = 0;
  for (let round = 0; round < MAX_BATCHES; round += 1) {
    const batch = store.trim({ now, keepMs: KEEP_MS, batch: BATCH });
    deleted += batch;
    if (batch > 0) reach('trim.batch');
    if (batch < BATCH) break;
    await new Promise(setImmediate);
  }
  return deleted;
}
