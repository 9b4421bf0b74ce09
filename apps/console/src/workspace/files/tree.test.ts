import type { FileEntry } from '@sandboxed/sdk';
import { inOrder, isIn, nameOf, parentOf, within } from './tree.ts';

const entry = (path: string, type: FileEntry['type']): FileEntry => ({
  ...{ path, type, size: 0, mode: '644' },
  modifiedAt: '2026-11-28T09:30:00.000Z',
});

it('puts directories first, and numbers in their order', () => {
  const order = inOrder([
    entry('b10', 'file'),
    entry('z', 'directory'),
    entry('b9', 'file'),
  ]);
  expect(order.map(({ path }) => path)).toEqual(['z', 'b9', 'b10']);
});

it('takes paths apart and puts them together', () => {
  expect([nameOf('src/a.ts'), nameOf('a.ts')]).toEqual(['a.ts', 'a.ts']);
  expect([parentOf('src/x/a.ts'), parentOf('a.ts')]).toEqual(['src/x', '']);
  expect([within('', 'a'), within('src', 'a')]).toEqual(['a', 'src/a']);
});

it('knows what is below a directory from what only begins like it', () => {
  const below = ['src', 'src/a.ts', 'src2/a.ts', 'a/src'].map((path) =>
    isIn(path, 'src'),
  );
  expect(below).toEqual([true, true, false, false]);
});
