import { setTimeout as pause } from 'node:timers/promises';
import type { Bench, Case } from '../case.ts';
import type { Figures } from '../pairs.ts';
import { pairs } from '../pairs.ts';
import { timing } from '../statistics.ts';

const GAP_MS = 200;

/** Answers how long it took; the sandbox goes to `made`. */
const interact = async (
  { client, create }: Bench,
  made: string[],
): Promise<number> => {
  const beganAt = performance.now();
  const id = await create();
  made.push(id);
  await client.exec(id, ['node', '-v']);
  return performance.now() - beganAt;
};

/** `count` creates that begin `gapMs` after one another. */
async function staggered(
  bench: Bench,
  count: number,
  gapMs: number,
): Promise<Figures> {
  const made: string[] = [];
  const ended = await Promise.allSettled(
    Array.from({ length: count }, async (_, index) => {
      await pause(index * gapMs);
      return interact(bench, made);
    }),
  );
  for (const id of made) await bench.client.purge(id);
  const failures = ended.flatMap((each) =>
    each.status === 'rejected' ? [String(each.reason)] : [],
  );
  return {
    ...{ attempts: count, failed: failures.length, failures },
    ours: timing(
      ended.flatMap((each) =>
        each.status === 'fulfilled' ? [each.value] : [],
      ),
    ),
    ...{ raw: undefined, ratio: undefined },
  };
}

const none = { kind: 'none' } as const;

/** Time to interactive by the method that providers publish: create, then `node -v`. */
export const interactive: readonly Case[] = [
  {
    ...{ name: 'tti', path: 'time to interactive, sequential', bound: none },
    short: false,
    run: (bench) =>
      pairs({
        ...{ n: bench.extent.starts, warmUp: 0 },
        async ours() {
          const made: string[] = [];
          const tookMs = await interact(bench, made);
          for (const id of made) await bench.client.purge(id);
          return tookMs;
        },
      }),
  },
  {
    ...{ name: 'tti-200ms', path: 'time to interactive, one each 200 ms' },
    ...{ bound: none, short: false },
    run: (bench) => staggered(bench, bench.extent.many, GAP_MS),
  },
  {
    ...{ name: 'tti-burst', path: 'time to interactive, all at once' },
    ...{ bound: none, short: false },
    run: (bench) => staggered(bench, bench.extent.many, 0),
  },
];
