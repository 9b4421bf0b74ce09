import { createRepeats } from './repeats.ts';

function counted(maxKeys: number) {
  const told: [string, number][] = [];
  const clock = { at: 0 };
  const repeats = createRepeats<string>({
    windowMs: 60_000,
    maxKeys,
    now: () => clock.at,
    others: () => 'others',
    tell: (what, count) => told.push([what, count]),
  });
  return { told, clock, repeats };
}

it('tells the first at once and the others of its window as a number', () => {
  const { told, clock, repeats } = counted(10);
  for (let n = 0; n < 1_000; n += 1) repeats.note('a', 'a');
  repeats.note('b', 'b');
  expect(told).toEqual([
    ['a', 1],
    ['b', 1],
  ]);
  clock.at = 60_000;
  repeats.note('a', 'a');
  expect(told.slice(2)).toEqual([
    ['a', 999],
    ['a', 1],
  ]);
  repeats.flush();
  expect(told).toHaveLength(4);
});

it('tells what is open when it is flushed, once', () => {
  const { told, repeats } = counted(10);
  for (let n = 0; n < 3; n += 1) repeats.note('a', 'a');
  repeats.flush();
  repeats.flush();
  expect(told).toEqual([
    ['a', 1],
    ['a', 2],
  ]);
});

it('tells a flood of ever new keys as a bounded number', () => {
  const { told, repeats } = counted(10);
  for (let n = 0; n < 100_000; n += 1) repeats.note(String(n), String(n));
  repeats.flush();
  expect(told).toHaveLength(12);
  expect(told.slice(10)).toEqual([
    ['others', 1],
    ['others', 100_000 - 11],
  ]);
});
