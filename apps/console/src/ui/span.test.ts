import { spanOf } from './span.ts';

it.each([
  [0.4, '0 ms'],
  [999, '999 ms'],
  [1_449, '1.4 s'],
  [59_999, '1 min 0 s'],
  [185_000, '3 min 5 s'],
  [7_261_000, '2 h 1 min'],
])('tells %d ms as %s', (ms, told) => {
  expect(spanOf(ms)).toBe(told);
});
