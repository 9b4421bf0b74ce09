import type { Schedules } from '@sandboxed/queue';

/** Redis may be emptied at any time, and the ticks with it: they are missed for this long at most. Milliseconds. */
const EVERY_MS = 2_000;

/** Ensures the schedules now and every 2 s, never twice at once. Returns what ends it. */
export function keepScheduled(
  schedules: readonly Schedules[],
  onError: (error: unknown) => void,
): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let round = Promise.resolve();

  const ensure = async (): Promise<void> => {
    for (const schedule of schedules) {
      try {
        await schedule.ensure();
      } catch (error) {
        onError(error);
      }
    }
    if (!stopped) timer = setTimeout(next, EVERY_MS);
  };
  const next = (): void => {
    round = ensure();
  };

  next();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await round;
  };
}
