import { ASKED } from './asked.ts';
import type { Asked } from './asked.ts';
import { fill } from './many.ts';
import { temporary } from './open.ts';

/** Sandboxes of the small database, ten jobs each with ten events each. */
export const SMALL = { sandboxes: 100, events: 10_000 };
const ROUNDS = 21;

/** What one thing costs in both databases, each time. Milliseconds. */
export interface Compared extends Pick<Asked, 'what' | 'grows'> {
  readonly small: readonly number[];
  readonly large: readonly number[];
}

/** Asks everything of {@link ASKED} of a small and a large database, in turns. Each first time, which reads pages, does not count. */
export function compareSizes(size: {
  readonly sandboxes: number;
  readonly events: number;
}): readonly Compared[] {
  const places = [temporary(), temporary()] as const;
  const [small, large] = places;
  try {
    fill(small, SMALL);
    fill(large, size);
    const stores = [small.open(), large.open()] as const;
    return ASKED.map(({ what, grows, ask }) => {
      const times: readonly [number[], number[]] = [[], []];
      for (let round = 0; round <= ROUNDS; round += 1)
        for (const side of [0, 1] as const) {
          const begin = performance.now();
          ask(stores[side], round);
          if (round > 0) times[side].push(performance.now() - begin);
        }
      return {
        ...{ what, small: times[0], large: times[1] },
        ...(grows !== undefined && { grows }),
      };
    });
  } finally {
    for (const place of places) place.clean();
  }
}
