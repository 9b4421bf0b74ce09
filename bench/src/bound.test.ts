import { usedUp } from './bound.ts';

const fine = { attempts: 10, failed: 0 };

it('tells how often a bound was used up', () => {
  const ratio = { kind: 'ratio', most: 1.25 } as const;
  expect(usedUp(ratio, { ...fine, ratio: { value: 2.5 } })).toBe(2);
  const plus = { kind: 'plus_ms', most: 3 } as const;
  const times = { ours: { p50: 5, p99: 9 }, raw: { p50: 3.5 } };
  expect(usedUp(plus, { ...fine, ...times })).toBe(0.5);
  const amount = { kind: 'amount', most: 35, unit: 'MiB' } as const;
  expect(usedUp(amount, { ...fine, amount: 70 })).toBe(2);
});

it('holds a rate against the worse of its two figures', () => {
  const rate = { kind: 'rate', leastPerSecond: 1_000, p99Ms: 100 } as const;
  const ours = { p50: 1, p99: 50 };
  expect(usedUp(rate, { ...fine, perSecond: 500, ours })).toBe(2);
  expect(
    usedUp(rate, { ...fine, perSecond: 2_000, ours: { p50: 1, p99: 300 } }),
  ).toBe(3);
});

it('never holds when a call failed or nothing was measured', () => {
  const ratio = { kind: 'ratio', most: 1.25 } as const;
  expect(usedUp(ratio, { ...fine, failed: 1, ratio: { value: 1 } })).toBe(
    Infinity,
  );
  expect(usedUp(ratio, fine)).toBe(Infinity);
  expect(usedUp({ kind: 'none' }, { ...fine, failed: 1 })).toBeUndefined();
});
