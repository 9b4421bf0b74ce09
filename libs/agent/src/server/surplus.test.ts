import { surplus } from './surplus.ts';

const ended = (id: string, endedAtMs: number, bytes: number) => ({
  id,
  endedAtMs,
  bytes,
});

describe('surplus', () => {
  it('lets the oldest go beyond the count', () => {
    const all = [ended('b', 2, 0), ended('a', 1, 0), ended('c', 3, 0)];
    expect(surplus(all, { count: 2, bytes: 1 })).toEqual(['a']);
  });

  it('lets the oldest go when what is kept is too large', () => {
    const all = [ended('a', 1, 1), ended('b', 2, 60), ended('c', 3, 50)];
    expect(surplus(all, { count: 9, bytes: 100 })).toEqual(['b', 'a']);
  });

  it('keeps the newest, however large it is', () => {
    expect(surplus([ended('a', 1, 1_000)], { count: 9, bytes: 100 })).toEqual(
      [],
    );
  });
});
