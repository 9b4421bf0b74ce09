import { MEMBER_STATES } from '@sandboxed/domain';
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
    '# TYPE sandboxed_warm_pool gauge',
    ...MEMBER_STATES.map(
      (name) =>
        `sandboxed_warm_pool{state="${name}"} ${members.filter(({ state }) => state === name).length}`,
    ),
    '# TYPE sandboxed_warm_pool_claims_total counter',
    `sandboxed_warm_pool_claims_total{result="hit"} ${hits}`,
    `sandboxed_warm_pool_claims_total{result="miss"} ${misses}`,
  ];
}
