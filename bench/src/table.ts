import { boundText, usedUp } from './bound.ts';
import { BUSY } from './host.ts';
import type { Row } from './result.ts';

const ms = (value: number | undefined): string => value?.toFixed(1) ?? '–';

/** The rows in Markdown, and what there is to say of them. */
export function table(rows: readonly Row[]): readonly string[] {
  return [
    '| path | bound | n | ok | ours p50 / p95 / p99 ms | raw p50 / p95 ms | ratio (95 %) or figure | holds |',
    '|---|---|---|---|---|---|---|---|',
    ...rows.map((row) => {
      const { ours, raw, attempts, failed } = row;
      const used = usedUp(row.bound, row);
      const cells = [
        row.path,
        boundText(row.bound),
        ours?.n ?? '–',
        attempts === 0
          ? '–'
          : `${((100 * (attempts - failed)) / attempts).toFixed(1)} %`,
        ours ? `${ms(ours.p50)} / ${ms(ours.p95)} / ${ms(ours.p99)}` : '–',
        raw ? `${ms(raw.p50)} / ${ms(raw.p95)}` : '–',
        figure(row),
        row.skipped !== undefined
          ? 'skipped'
          : used === undefined
            ? '–'
            : used <= 1
              ? 'yes'
              : 'no',
      ];
      return `| ${cells.join(' | ')} |`;
    }),
    '',
    ...rows.flatMap((row) => [
      ...(row.skipped !== undefined
        ? [`- ${row.path}: skipped, ${row.skipped}`]
        : []),
      ...(row.note !== undefined ? [`- ${row.path}: ${row.note}`] : []),
      ...row.failures.map((failure) => `- ${row.path}: failed, ${failure}`),
      ...(Math.max(row.hostBefore?.busy ?? 0, row.hostAfter?.busy ?? 0) > BUSY
        ? [
            `- ${row.path}: the host was busy with something else (${percent(row.hostBefore?.busy)} before, ${percent(row.hostAfter?.busy)} after)`,
          ]
        : []),
    ]),
  ];
}

const percent = (share: number | undefined): string =>
  `${((share ?? 0) * 100).toFixed(0)} %`;

function figure(row: Row): string {
  if (row.perSecond !== undefined) return `${row.perSecond.toFixed(0)}/s`;
  if (row.amount !== undefined) return row.amount.toFixed(1);
  if (row.bound.kind === 'plus_ms' && row.ours && row.raw)
    return `${(row.ours.p50 - row.raw.p50).toFixed(2)} ms more`;
  if (row.ratio === undefined) return '–';
  const { value, interval } = row.ratio;
  return `${value.toFixed(2)}× (${interval[0].toFixed(2)}–${interval[1].toFixed(2)})`;
}
