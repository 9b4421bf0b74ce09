import type { Bench, Case } from '../case.ts';
import type { Figures } from '../pairs.ts';
import { pairs } from '../pairs.ts';

/** POST of a sandbox until its first exec has answered, against raw create, start and exec. Cleaning up, and filling the pool, is not timed. */
function compareCreates({
  client,
  raw,
  create,
  extent,
}: Bench): Promise<Figures> {
  return pairs({
    ...{ n: extent.starts, warmUp: 1 },
    async ours() {
      await client.pooled();
      const beganAt = performance.now();
      const id = await create();
      await client.exec(id, ['true']);
      const tookMs = performance.now() - beganAt;
      await client.purge(id);
      return tookMs;
    },
    async raw() {
      await client.pooled();
      const beganAt = performance.now();
      const container = await raw.create();
      await container.exec(['true']);
      const tookMs = performance.now() - beganAt;
      await container.remove();
      return tookMs;
    },
  });
}

export const coldCreate: Case = {
  name: 'cold-create',
  path: 'cold create to first exec',
  bound: { kind: 'ratio', most: 1.25 },
  short: true,
  run: (bench) =>
    bench.hasWarmPool
      ? Promise.resolve({
          skipped:
            'the stack has a warm pool: measure with SANDBOXED_WARM_POOL=0',
        })
      : compareCreates(bench),
};

export const warmCreate: Case = {
  name: 'warm-create',
  path: 'warm create to first exec',
  bound: { kind: 'ratio', most: 0.15 },
  short: false,
  run: (bench) =>
    bench.hasWarmPool
      ? compareCreates(bench)
      : Promise.resolve({
          skipped:
            'no warm pool: give --warm, and SANDBOXED_WARM_POOL to the stack',
        }),
};
