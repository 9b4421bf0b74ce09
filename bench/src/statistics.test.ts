import { quantile, ratio, timing } from './statistics.ts';

it('interpolates between the closest ranks', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([10, 20, 30, 40, 50], 0.95)).toBeCloseTo(48);
  expect(quantile([7], 0.99)).toBe(7);
  expect(quantile([1, 2], 1)).toBe(2);
  expect(quantile([], 0.5)).toBeNaN();
});

it('does not take the greatest of fifty for their p95', () => {
  const fifty = [...Array.from({ length: 49 }, () => 1), 1_000];
  expect(timing(fifty)).toMatchObject({ n: 50, p50: 1, p95: 1 });
});

it('draws pairs together, so that a host that slows both down does not widen the interval', () => {
  const pairs = Array.from({ length: 50 }, (_, index) => {
    const slow = 1 + index;
    return [2 * slow, slow] as const;
  });
  const found = ratio(pairs);
  expect(found?.value).toBe(2);
  expect(found?.interval[0]).toBeCloseTo(2);
  expect(found?.interval[1]).toBeCloseTo(2);
});

it('has an interval around the median that narrows with more values', () => {
  const spread = (n: number): number => {
    const [low, high] = timing(
      Array.from({ length: n }, (_, index) => (index * 37) % 100),
    )?.p50Interval ?? [0, 0];
    return high - low;
  };
  expect(spread(400)).toBeGreaterThan(0);
  expect(spread(400)).toBeLessThan(spread(20));
});

it('says nothing of nothing', () => {
  expect(timing([])).toBeUndefined();
  expect(ratio([])).toBeUndefined();
});
