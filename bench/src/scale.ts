import type { Case } from './case.ts';

/** A case with its bound made stricter (below 1) or wider, to see that a check can fail. */
export function scaled(each: Case, factor: number): Case {
  const { bound } = each;
  switch (bound.kind) {
    case 'none':
      return each;
    case 'rate':
      return {
        ...each,
        bound: {
          kind: 'rate',
          leastPerSecond: bound.leastPerSecond / factor,
          p99Ms: bound.p99Ms * factor,
        },
      };
    case 'ratio':
    case 'plus_ms':
    case 'amount':
      return { ...each, bound: { ...bound, most: bound.most * factor } };
  }
}
