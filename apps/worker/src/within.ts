import { setTimeout as pause } from 'node:timers/promises';

/** Resolves with the work, at the latest after `ms`. */
export async function within(ms: number, work: Promise<void>): Promise<void> {
  const over = new AbortController();
  const limit = pause(ms, undefined, { signal: over.signal }).catch(
    () => undefined,
  );
  await Promise.race([work, limit]);
  over.abort();
}
