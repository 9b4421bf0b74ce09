import { ago } from './ago.ts';

it.each([
  [-5_000, 'just now'],
  [9_999, 'just now'],
  [59_000, '59 s ago'],
  [61_000, '1 min ago'],
  [7_200_000, '2 h ago'],
  [172_800_000, '2 d ago'],
])('%d ms are told as %s', (spanMs, told) => {
  expect(ago(spanMs)).toBe(told);
});
