import { ago, lasting } from './ago.ts';

it.each([
  [0, '0s'],
  [59.9, '59s'],
  [60, '1m'],
  [3_599, '59m'],
  [3_600, '1h'],
  [86_400, '1d'],
  [8_640_000, '100d'],
  [-5, '0s'],
])('%d seconds are %s', (seconds, told) => {
  expect(lasting(seconds)).toBe(told);
});

it('a time of a clock that is ahead is now', () => {
  expect(
    ago('2026-01-01T00:00:10.000Z', Date.parse('2026-01-01T00:00:00Z')),
  ).toBe('0s');
});
