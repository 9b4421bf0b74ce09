import type { DirectRuns } from '../src/direct/direct-runs.ts';

/** Every command goes through the queue. */
export const noDirectRuns: DirectRuns = {
  taking: (work) => work(() => undefined),
  cancelled: () => undefined,
  close: () => Promise.resolve(),
};
