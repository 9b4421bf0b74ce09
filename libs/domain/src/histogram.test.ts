import fc from 'fast-check';
import type { Histogram } from './histogram.ts';
import {
  addDurations,
  DURATION_BOUNDS_SECONDS,
  NO_DURATIONS,
  withDuration,
} from './histogram.ts';

const seconds = fc.oneof(
  fc.double({ min: 0, max: 200, noNaN: true }),
  fc.constantFrom(...DURATION_BOUNDS_SECONDS),
);
const of = (durations: readonly number[]): Histogram =>
  durations.reduce(withDuration, NO_DURATIONS);
/** How many are counted in buckets up to this bound. */
const upTo = ({ counts }: Histogram, bucket: number): number =>
  counts.slice(0, bucket + 1).reduce((sum, count) => sum + count, 0);

it('counts every duration once, in the first bucket that holds it', () => {
  fc.assert(
    fc.property(fc.array(seconds), (durations) => {
      const histogram = of(durations);
      for (const [bucket, bound] of DURATION_BOUNDS_SECONDS.entries())
        expect(upTo(histogram, bucket)).toBe(
          durations.filter((duration) => duration <= bound).length,
        );
      expect(upTo(histogram, Infinity)).toBe(durations.length);
      expect(histogram.sumSeconds).toBeCloseTo(
        durations.reduce((sum, duration) => sum + duration, 0),
      );
    }),
  );
});

it('is the same however its durations were put together', () => {
  fc.assert(
    fc.property(fc.array(seconds), fc.array(seconds), (one, other) => {
      const added = addDurations(of(one), of(other));
      expect(added.counts).toEqual(of([...one, ...other]).counts);
    }),
  );
});

it('has bounds that rise, and begins anew after one with other bounds', () => {
  expect([...DURATION_BOUNDS_SECONDS]).toEqual(
    [...new Set(DURATION_BOUNDS_SECONDS)].sort((a, b) => a - b),
  );
  const newer = of([1]);
  expect(addDurations({ counts: [5, 5], sumSeconds: 9 }, newer)).toBe(newer);
});
