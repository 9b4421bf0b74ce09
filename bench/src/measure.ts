/** Times of one path in milliseconds, sorted. */
export interface Timing {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Runs `work` n times, one after the other, and sums up how long each took. */
export async function measure(
  n: number,
  work: (index: number) => Promise<number | undefined>,
): Promise<Timing> {
  const times: number[] = [];
  for (let index = 0; index < n; index += 1) {
    const begin = performance.now();
    const own = await work(index);
    times.push(own ?? performance.now() - begin);
  }
  return summary(times);
}

/** Quantiles of a list of times. */
export function summary(times: readonly number[]): Timing {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ??
    NaN;
  return { n: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** The time of a part of the work alone. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}
