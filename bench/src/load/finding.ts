/** One line of a report. `isMet` is left out where there is no bound. */
export interface Finding {
  readonly what: string;
  readonly measured: string;
  readonly bound?: string;
  readonly isMet?: boolean;
}

/** What a scenario found: lines for people, and the figures behind them for programs. */
export interface Findings {
  readonly lines: readonly Finding[];
  readonly figures: Readonly<Record<string, unknown>>;
}

/** Quantiles of times or other figures; NaN of none. */
export interface Spread {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Sums figures up. Leaves the list as it is. */
export function spreadOf(figures: readonly number[]): Spread {
  const sorted = figures.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ??
    NaN;
  return {
    n: sorted.length,
    ...{ p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
  };
}

/** `p50 / p95 / p99 / max` of times, for a table. */
export function inWords({ n, p50, p95, p99, max }: Spread): string {
  const [a, b, c, d] = [p50, p95, p99, max].map((time) => time.toFixed(1));
  return `p50 ${a} / p95 ${b} / p99 ${c} / max ${d} ms, n ${n}`;
}
