/** Upper bounds of the buckets of every histogram of durations, rising; a last bucket holds what is longer. Seconds. */
export const DURATION_BOUNDS_SECONDS = [
  ...[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25],
  ...[0.5, 1, 2.5, 5, 10, 30, 60],
] as const;

/** Durations that were observed, by bucket: those of a bucket are in no other. */
export interface Histogram {
  readonly counts: readonly number[];
  readonly sumSeconds: number;
}

export const NO_DURATIONS: Histogram = {
  counts: [...DURATION_BOUNDS_SECONDS, Infinity].map(() => 0),
  sumSeconds: 0,
};

/** With one more duration; one below 0 counts as 0. */
export function withDuration(
  { counts, sumSeconds }: Histogram,
  seconds: number,
): Histogram {
  const found = DURATION_BOUNDS_SECONDS.findIndex((bound) => seconds <= bound);
  const bucket = found === -1 ? DURATION_BOUNDS_SECONDS.length : found;
  return {
    counts: counts.map((count, at) => (at === bucket ? count + 1 : count)),
    sumSeconds: sumSeconds + Math.max(0, seconds),
  };
}

/** Both together. One with other buckets, as another version kept it, cannot be added: what is newer stays. */
export function addDurations(older: Histogram, newer: Histogram): Histogram {
  if (older.counts.length !== newer.counts.length) return newer;
  return {
    counts: newer.counts.map((count, at) => count + (older.counts[at] ?? 0)),
    sumSeconds: older.sumSeconds + newer.sumSeconds,
  };
}
