import { stripVTControlCharacters } from 'node:util';
import type { Column } from './table.ts';
import { tableLines } from './table.ts';

interface Row {
  readonly id: string;
  readonly status: string;
}
const COLUMNS: readonly Column<Row>[] = [
  { name: 'ID', of: ({ id }) => id },
  { name: 'STATUS', of: ({ status }) => status, style: () => 'green' },
];
const ROWS = [
  { id: 'one', status: 'running' },
  { id: 'a longer one', status: 'stopped' },
];

it('aligns columns below headings for people', () => {
  expect(
    tableLines(ROWS, COLUMNS, { forPeople: true, colours: false }),
  ).toEqual([
    'ID            STATUS',
    'one           running',
    'a longer one  stopped',
  ]);
});

it('prints fields by tabs, without headings, for programs', () => {
  expect(
    tableLines(ROWS, COLUMNS, { forPeople: false, colours: false }),
  ).toEqual(['one\trunning', 'a longer one\tstopped']);
});

it('colours change nothing else', () => {
  const coloured = tableLines(ROWS, COLUMNS, {
    forPeople: true,
    colours: true,
  });
  expect(coloured[1]).toContain('\x1b[32mrunning');
  expect(coloured.map(stripVTControlCharacters)).toEqual(
    tableLines(ROWS, COLUMNS, { forPeople: true, colours: false }),
  );
});

it.each([true, false])(
  'hands no control characters on, for people: %s',
  (forPeople) => {
    const rows = [{ id: 'a\x1b]0;title\x07b', status: 'x\ty\nz' }];
    const [line] = tableLines(rows, COLUMNS, {
      forPeople,
      colours: false,
    }).slice(-1);
    // Of the row itself: fields are still two.
    expect(line?.replace('\t', '')).toMatch(/^[^\p{Cc}]+$/u);
    expect(line).toContain('a\ufffd]0;title\ufffdb');
  },
);

it('leaves out columns that do not fit, but for those that name a row', () => {
  const columns = [...COLUMNS, { name: 'AGE', of: () => '100d' }];
  const heading = (width: number) =>
    tableLines(ROWS, columns, { forPeople: true, colours: false, width })[0];
  // Twelve, seven and four characters, and two gaps of two.
  expect(heading(27)).toBe('ID            STATUS   AGE');
  expect(heading(26)).toBe('ID            STATUS');
  expect(heading(1)).toBe('ID            STATUS');
});
