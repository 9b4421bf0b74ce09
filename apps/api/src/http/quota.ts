import type {
  Excess,
  Quota,
  QuotaName,
  SandboxRecord,
} from '@sandboxed/domain';
import { excessOf, isCounted, overQuota, quotaWith } from '@sandboxed/domain';
import type { Response } from 'express';
import type { ApiConfig } from '../config.ts';
import type { ApiDeps, Route } from './route.ts';
import { scopeOf } from './route.ts';

type QuotaDeps = Pick<ApiDeps, 'config' | 'store' | 'meter'>;

/** What a tenant may have. */
export function quotaOf({ config, store }: QuotaDeps, tenant: string): Quota {
  return quotaWith(defaultQuota(config), store.quotas.overrides(tenant));
}

function defaultQuota(config: ApiConfig): Quota {
  return {
    sandboxes: config.SANDBOXED_QUOTA_SANDBOXES,
    running: config.SANDBOXED_QUOTA_RUNNING,
    memory_mb: config.SANDBOXED_QUOTA_MEMORY_MB,
    disk_mb: config.SANDBOXED_QUOTA_DISK_MB,
    tasks: config.SANDBOXED_QUOTA_TASKS,
    requests_per_minute: config.SANDBOXED_QUOTA_REQUESTS_PER_MINUTE,
    streams: config.SANDBOXED_QUOTA_STREAMS,
  };
}

/**
 * Measures what a tenant has before a change, and answers the check for after it, which throws `quota_exceeded` or, for a limit that
 * passes by itself, `rate_limited`. Both belong inside the transaction that is taken back then: of two changes at once the second
 * counts the first.
 */
export function beforeChange(deps: QuotaDeps, tenant: string): () => void {
  const { quotas } = deps.store;
  const quota = quotaOf(deps, tenant);
  if (!isCounted(quota)) return () => undefined;
  const before = quotas.use(tenant);
  return () => {
    const excess = excessOf(quota, before, quotas.use(tenant));
    if (excess !== undefined) refuse(deps, excess);
  };
}

/** Throws `quota_exceeded` for a sandbox that is given more memory than all of its tenant's may have: it could not start again. */
export function refuseTooLarge(
  deps: QuotaDeps,
  { tenant, limits }: Pick<SandboxRecord, 'tenant' | 'limits'>,
  memoryMb = 0,
): void {
  const { memory_mb: limit } = quotaOf(deps, tenant);
  if (limit === null || memoryMb <= Math.max(limit, limits.memory_mb)) return;
  const { memory_mb: used } = deps.store.quotas.use(tenant);
  refuse(deps, { name: 'memory_mb', used, limit });
}

/** Whether calls count: not those that need no token, not an administrator's, who is to get in to raise a limit, and not a scraper's. */
export function isMetered(entry: Route): boolean {
  const scope = scopeOf(entry);
  return entry.open !== true && scope !== 'admin' && scope !== 'metrics';
}

/** Counts a call against the tenant's minute, and tells how much of it is left. Throws `rate_limited`. */
export function meterCall(
  deps: QuotaDeps,
  tenant: string,
  response: Response,
): void {
  const limit = quotaOf(deps, tenant).requests_per_minute;
  const { isRefused, used, freeInSeconds } = deps.meter.request(tenant, limit);
  if (limit === null) return;
  const left = Math.max(0, limit - used);
  response.set({
    'RateLimit-Policy': `"requests";q=${limit};w=60`,
    RateLimit: `"requests";r=${left};t=${freeInSeconds}`,
  });
  if (isRefused)
    refuse(deps, { name: 'requests_per_minute', used, limit }, freeInSeconds);
}

/** Counts a call that stays open until its answer is over. Throws `rate_limited`. */
export function holdOpen(
  deps: QuotaDeps,
  tenant: string,
  response: Response,
): void {
  const limit = quotaOf(deps, tenant).streams;
  const close = deps.meter.open(tenant, limit);
  if (close === undefined)
    refuse(deps, {
      name: 'streams',
      used: deps.meter.use(tenant).streams,
      limit: limit ?? 0,
    });
  else if (response.closed) close();
  else response.once('close', close);
}

function refuse(
  { meter }: QuotaDeps,
  excess: Excess & { readonly name: QuotaName },
  retryAfterSeconds?: number,
): never {
  meter.countRefused(excess.name);
  throw overQuota(excess, retryAfterSeconds);
}
