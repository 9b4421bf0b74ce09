import { compareSizes } from '../../../libs/store/test/compare-sizes.ts';
import type { Findings } from './finding.ts';
import { spreadOf } from './finding.ts';
import type { Options } from './options.ts';

const BOUND = 2;

/** What is asked of SQLite again and again, in a large database beside a small one. No stack is needed. */
export function scale({ rows, events }: Options): Findings {
  const compared = compareSizes({ sandboxes: rows, events }).map(
    ({ what, grows, small, large }) => ({
      ...{ what, grows },
      ...{ small: spreadOf(small), large: spreadOf(large) },
    }),
  );
  return {
    lines: compared.map(({ what, grows, small, large }) => {
      const ratio = large.p50 / small.p50;
      return {
        what: grows === undefined ? what : `${what} (${grows})`,
        measured: `p50 ${small.p50.toFixed(3)} → ${large.p50.toFixed(3)} ms, ${ratio.toFixed(1)}×`,
        ...(grows === undefined && {
          bound: `≤ ${BOUND}×`,
          isMet: ratio <= BOUND,
        }),
      };
    }),
    figures: { rows, events, compared },
  };
}
