import { randomFillSync } from 'node:crypto';
import { monotonicFactory } from 'ulid';

/** Random bytes taken from the system at once. */
const POOL_BYTES = 4_096;

/**
 * Makes ULIDs that rise within this process. The library asks the system for each character's random byte by itself, which costs
 * more than all else of a request's id.
 */
export function createNewIds(): (atMs?: number) => string {
  const pool = Buffer.alloc(POOL_BYTES);
  let used = POOL_BYTES;
  return monotonicFactory(() => {
    if (used === POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    const byte = pool.readUInt8(used);
    used += 1;
    return byte / 256;
  });
}
