import type { Result, Row } from './result.ts';

/** What a path is compared by: the ratio where there is one, since it does not depend on the machine. */
function figure(row: Row):
  | {
      readonly value: number;
      readonly unit: string;
      readonly interval?: readonly [number, number];
    }
  | undefined {
  if (row.ratio !== undefined) return { ...row.ratio, unit: '×' };
  if (row.perSecond !== undefined) return { value: row.perSecond, unit: '/s' };
  if (row.amount !== undefined) return { value: row.amount, unit: '' };
  if (row.ours === undefined) return undefined;
  return { value: row.ours.p50, unit: ' ms', interval: row.ours.p50Interval };
}

/** Lines of a table in Markdown: each path before and after. One that is only in one of them is told. */
export function compare(before: Result, after: Result): readonly string[] {
  const paths = new Set(
    [...before.rows, ...after.rows].map(({ path }) => path),
  );
  const find = ({ rows }: Result, path: string) => {
    const row = rows.find((each) => each.path === path);
    return row && figure(row);
  };
  return [
    '| path | before | after | change | intervals |',
    '|---|---|---|---|---|',
    ...[...paths].map((path) => {
      const [a, b] = [find(before, path), find(after, path)];
      const text = (each: typeof a): string =>
        each === undefined ? '–' : `${each.value.toFixed(2)}${each.unit}`;
      const comparable = a !== undefined && b?.unit === a.unit;
      const change =
        comparable && a.value !== 0
          ? `${b.value >= a.value ? '+' : ''}${((b.value / a.value - 1) * 100).toFixed(0)} %`
          : '–';
      return `| ${path} | ${text(a)} | ${text(b)} | ${change} | ${comparable ? overlap(a.interval, b.interval) : '–'} |`;
    }),
  ];
}

function overlap(
  a: readonly [number, number] | undefined,
  b: readonly [number, number] | undefined,
): string {
  if (a === undefined || b === undefined) return '–';
  return a[0] <= b[1] && b[0] <= a[1] ? 'overlap' : 'apart';
}
