import type { Histogram } from '@sandboxed/domain';
import { DURATION_BOUNDS_SECONDS } from '@sandboxed/domain';

/** Durations under some labels. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly histogram: Histogram;
}

/** A number under some labels. */
export interface Figure {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a metric is, for people: one line. */
interface Metric {
  readonly name: string;
  readonly help: string;
}

/** Numbers that rise and fall, as lines of the text format of Prometheus. */
export function gaugeLines(
  metric: Metric,
  figures: readonly Figure[],
): readonly string[] {
  return [...headOf(metric, 'gauge'), ...figureLines(metric, figures)];
}

/** Numbers that only rise, until their process begins anew. By convention the name ends in `_total`. */
export function counterLines(
  metric: Metric & { readonly name: `${string}_total` },
  figures: readonly Figure[],
): readonly string[] {
  return [...headOf(metric, 'counter'), ...figureLines(metric, figures)];
}

/** One figure for each name of a record, under a label. */
export function figuresBy(
  label: string,
  values: Readonly<Record<string, number>>,
): readonly Figure[] {
  return Object.entries(values).map(([name, value]) => ({
    labels: { [label]: name },
    value,
  }));
}

/** A histogram of durations, whose buckets each hold those below them. */
export function histogramLines(
  metric: Metric & { readonly name: `${string}_seconds` },
  series: readonly Series[],
): readonly string[] {
  const { name } = metric;
  return [
    ...headOf(metric, 'histogram'),
    ...series.flatMap(({ labels, histogram }) => {
      const named = labelled(labels);
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

function headOf({ name, help }: Metric, type: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function figureLines(
  { name }: Metric,
  figures: readonly Figure[],
): readonly string[] {
  return figures.map(({ labels = {}, value }) => {
    const named = labelled(labels);
    return `${name}${named === '' ? '' : `{${named}}`} ${String(value)}`;
  });
}

function labelled(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([label, value]) => `${label}="${escaped(value)}"`)
    .join(',');
}

function escaped(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n');
}
