/** Receives what went wrong in the background. Must not throw. */
export type OnError = (error: Error) => void;

/** The same message is passed on at most once in this time, in milliseconds. */
const QUIET_MS = 30_000;
/** Messages remembered at once; more distinct ones within the quiet time start anew. */
const MEMORY = 100;

/**
 * Thins out errors: a Redis that is away makes every connection report every try to reconnect.
 * `clock` is in milliseconds.
 */
export function quietRepeats(
  onError: OnError,
  clock: () => number = () => performance.now(),
): (error: unknown) => void {
  const lastAt = new Map<string, number>();
  return (thrown) => {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const now = clock();
    const last = lastAt.get(error.message);
    if (last !== undefined && now - last < QUIET_MS) return;
    if (lastAt.size >= MEMORY) lastAt.clear();
    lastAt.set(error.message, now);
    onError(error);
  };
}
