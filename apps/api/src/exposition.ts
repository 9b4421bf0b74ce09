import type { Histogram } from '@sandboxed/domain';
import { DURATION_BOUNDS_SECONDS } from '@sandboxed/domain';

/** Durations under some labels. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly histogram: Histogram;
}

/** A histogram of durations as lines of the text format of Prometheus, whose buckets each hold those below them. */
export function histogramLines(
  name: string,
  series: readonly Series[],
): readonly string[] {
  return [
    `# TYPE ${name} histogram`,
    ...series.flatMap(({ labels, histogram }) => {
      const named = Object.entries(labels)
        .map(([label, value]) => `${label}="${escaped(value)}"`)
        .join(',');
      let below = 0;
      return [
        ...histogram.counts.map((count, at) => {
          below += count;
          const bound = DURATION_BOUNDS_SECONDS[at] ?? '+Inf';
          return `${name}_bucket{${named},le="${bound}"} ${below}`;
        }),
        `${name}_sum{${named}} ${histogram.sumSeconds}`,
        `${name}_count{${named}} ${below}`,
      ];
    }),
  ];
}

function escaped(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n');
}
