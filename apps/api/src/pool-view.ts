import { MEMBER_STATES } from '@sandboxed/domain';
import { counterLines, figuresBy, gaugeLines } from './exposition.ts';
import type { ApiDeps } from './http/route.ts';

type PoolDeps = Pick<ApiDeps, 'store' | 'config'>;

/** What `GET /v1/system` says of the warm pool. */
export function systemPool({ store, config }: PoolDeps): object {
  const members = store.warmPool.all();
  return {
    wanted: config.SANDBOXED_WARM_POOL,
    ready: members.filter(({ state }) => state === 'ready').length,
    ...store.warmPool.claims(),
  };
}

/** Its lines in `/metrics`. */
export function poolMetrics({ store }: PoolDeps): readonly string[] {
  const members = store.warmPool.all();
  const { hits, misses } = store.warmPool.claims();
  return [
    ...gaugeLines(
      {
        name: 'sandboxed_warm_pool',
        help: 'Containers of the warm pool by state.',
      },
      MEMBER_STATES.map((name) => ({
        labels: { state: name },
        value: members.filter(({ state }) => state === name).length,
      })),
    ),
    ...counterLines(
      {
        name: 'sandboxed_warm_pool_claims_total',
        help: 'Creates that could have taken a container of the warm pool, by whether one was there.',
      },
      figuresBy('result', { hit: hits, miss: misses }),
    ),
  ];
}
