/** Figures of one side of a path. Milliseconds. */
export interface Timing {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Where the median is with 95 % confidence. */
  readonly p50Interval: readonly [number, number];
}

/** A quotient of medians, and where it is with 95 % confidence. */
export interface Ratio {
  readonly value: number;
  readonly interval: readonly [number, number];
}

const ROUNDS = 1_000;

/** By linear interpolation between the closest ranks, as most statistics programs do it. `share` from 0 to 1; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = share * (sorted.length - 1);
  const below = sorted[Math.floor(rank)];
  const above = sorted[Math.ceil(rank)];
  if (below === undefined || above === undefined) return NaN;
  return below + (above - below) * (rank - Math.floor(rank));
}

/** Undefined of no values at all. */
export function timing(values: readonly number[]): Timing | undefined {
  if (values.length === 0) return undefined;
  return {
    n: values.length,
    p50: quantile(values, 0.5),
    p95: quantile(values, 0.95),
    p99: quantile(values, 0.99),
    p50Interval: interval(values, (drawn) => quantile(drawn, 0.5)),
  };
}

/** Of pairs that were measured one right after the other: they are drawn together, so that what slowed both cancels out. */
export function ratio(
  pairs: readonly (readonly [number, number])[],
): Ratio | undefined {
  if (pairs.length === 0) return undefined;
  const of = (drawn: typeof pairs): number =>
    quantile(
      drawn.map(([ours]) => ours),
      0.5,
    ) /
    quantile(
      drawn.map(([, raw]) => raw),
      0.5,
    );
  return { value: of(pairs), interval: interval(pairs, of) };
}

/** Bootstrap: the middle 95 % of what `of` says of draws with putting back. The same values give the same interval. */
function interval<T>(
  values: readonly T[],
  of: (drawn: readonly T[]) => number,
): readonly [number, number] {
  let state = 20_261_128;
  // A linear congruential generator is random enough to draw with, and the same everywhere.
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const found: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    found.push(
      of(
        values.flatMap(() =>
          values.slice(Math.floor(random() * values.length)).slice(0, 1),
        ),
      ),
    );
  return [quantile(found, 0.025), quantile(found, 0.975)];
}
