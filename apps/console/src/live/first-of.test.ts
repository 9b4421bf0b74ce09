import { firstOf } from './first-of.ts';

it('takes no more than it is asked for, and lets go of the rest', async () => {
  const seen: string[] = [];
  async function* list() {
    try {
      for (const item of ['a', 'b', 'c']) {
        seen.push(item);
        yield await Promise.resolve(item);
      }
    } finally {
      seen.push('let go');
    }
  }
  expect(await firstOf(list(), 2)).toEqual(['a', 'b']);
  expect(seen).toEqual(['a', 'b', 'let go']);
  expect(await firstOf(list(), 9)).toEqual(['a', 'b', 'c']);
});
