/** A try that says nothing for so long counts as lost, and its delivery is tried again. Milliseconds; above all that one try may take. */
export const DELIVERY_LEASE_MS = 15_000;
/** Tries of one delivery, over about three days. */
export const MAX_DELIVERY_ATTEMPTS = 11;

const FIRST_PAUSE_MS = 5_000;
const FACTOR = 4;
const LONGEST_PAUSE_MS = 24 * 3_600_000;

/**
 * Pause after failed try number `attempt`, in milliseconds; undefined when it was the last one. `jitter` is a number in [0, 1):
 * what failed together is not to come back together.
 */
export function deliveryPauseMs(
  attempt: number,
  jitter: number,
): number | undefined {
  if (attempt >= MAX_DELIVERY_ATTEMPTS) return undefined;
  const pause = Math.min(
    FIRST_PAUSE_MS * FACTOR ** (attempt - 1),
    LONGEST_PAUSE_MS,
  );
  return Math.round(pause * (0.8 + jitter * 0.4));
}
