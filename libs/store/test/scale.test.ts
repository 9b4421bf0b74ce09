import { compareSizes } from './compare-sizes.ts';

/** Below this nothing is worth an index. Milliseconds. */
const NOTHING_MS = 0.2;

it('costs the same with 10,000 sandboxes and 1,000,000 events as with 100', () => {
  const slower = compareSizes({ sandboxes: 10_000, events: 1_000_000 })
    .filter(({ grows }) => grows === undefined)
    .map(({ what, small, large }) => ({
      what,
      // The least of all rounds is the work; what is above it is the machine's.
      small: Math.min(...small),
      large: Math.min(...large),
    }))
    .filter(({ small, large }) => large > Math.max(NOTHING_MS, 2 * small));
  expect(slower).toEqual([]);
}, 60_000);
