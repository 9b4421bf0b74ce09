import { styleText } from 'node:util';
import { printable } from './printable.ts';

/** One column of a list: its heading, and what it shows of a row. */
export interface Column<R> {
  readonly name: string;
  readonly of: (row: R) => string;
  /** How it looks on a terminal with colours. */
  readonly style?: (row: R) => Parameters<typeof styleText>[0] | undefined;
}

/** How lists are printed: aligned below headings for people, by tabs for programs. */
export interface TableLook {
  readonly forPeople: boolean;
  /** Characters of a line; columns that do not fit are left out, the last ones first. */
  readonly width?: number;
  readonly colours: boolean;
}

const GAP = '  ';

/** The lines of a list. In a pipe: one a row, fields by tabs, no heading, so that `cut` and `while read` take it as it is. */
export function tableLines<R>(
  rows: readonly R[],
  columns: readonly Column<R>[],
  { forPeople, colours, width = Infinity }: TableLook,
): readonly string[] {
  const cells = rows.map((row) => columns.map(({ of }) => printable(of(row))));
  if (!forPeople) return cells.map((line) => line.join('\t'));
  const widths = columns.map(({ name }, at) =>
    Math.max(name.length, ...cells.map((line) => line[at]?.length ?? 0)),
  );
  const shown = columns.slice(0, fitting(widths, width));
  const heading = shown
    .map(({ name }, at) => name.padEnd(widths[at] ?? 0))
    .join(GAP)
    .trimEnd();
  const lines = rows.map((row, index) =>
    shown
      .map(({ style }, at) => {
        const text = cells[index]?.[at] ?? '';
        const isLast = at === shown.length - 1;
        const padded = isLast ? text : text.padEnd(widths[at] ?? 0);
        const format = colours ? style?.(row) : undefined;
        return format === undefined ? padded : styled(format, padded);
      })
      .join(GAP)
      .trimEnd(),
  );
  return [colours ? styled('bold', heading) : heading, ...lines];
}

/** How many columns fit into a line: two at the least, which name a row. */
function fitting(widths: readonly number[], width: number): number {
  let count = widths.length;
  const taken = () =>
    widths
      .slice(0, count)
      .reduce((total, one) => total + one + GAP.length, -GAP.length);
  while (count > 2 && taken() > width) count -= 1;
  return count;
}

/** Text in a style, whatever the stream is: who asks has looked. */
export function styled(
  format: Parameters<typeof styleText>[0],
  text: string,
): string {
  return styleText(format, text, { validateStream: false });
}
