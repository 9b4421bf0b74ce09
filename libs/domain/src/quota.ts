import { z } from 'zod';
import type { Excess } from './errors.ts';
import { DomainError } from './errors.ts';

/** What rows tell: a change that makes one of these grow beyond its limit is taken back. */
export const COUNTED_QUOTAS = [
  'sandboxes',
  'running',
  'memory_mb',
  'disk_mb',
  'tasks',
] as const;
/** What a tenant may have a limit for. */
export const QUOTA_NAMES = [
  ...COUNTED_QUOTAS,
  'requests_per_minute',
  'streams',
] as const;
export type CountedQuota = (typeof COUNTED_QUOTAS)[number];
export type QuotaName = (typeof QUOTA_NAMES)[number];

/** A limit for each; null is as much as the host has. */
export type Quota = Readonly<Record<QuotaName, number | null>>;

/**
 * What a tenant has. `sandboxes` that are not gone; those of them that run or are about to (`running`) and the memory these may
 * use (`memory_mb`); the disk that sandboxes, and workspaces kept after a delete, may use (`disk_mb`); sandboxes in which a task
 * runs or waits (`tasks`: one that waits behind another of its sandbox is none at once).
 */
export type CountedUse = Readonly<Record<CountedQuota, number>>;

const limitSchema = z.int().min(0).max(1_000_000_000).nullable().optional();

/** Limits of one tenant that are not the default: a number (0 is nothing at all), or null for no limit. */
export const quotaOverridesSchema = z.strictObject({
  sandboxes: limitSchema.describe(
    'Sandboxes that are not deleted. Null is no limit.',
  ),
  running: limitSchema.describe(
    'Sandboxes that run at once. Null is no limit.',
  ),
  memory_mb: limitSchema.describe(
    'MiB: the memory limits of those that run, in all. Null is no limit.',
  ),
  disk_mb: limitSchema.describe(
    'MiB: the disk limits of all that have files. Null is no limit.',
  ),
  tasks: limitSchema.describe(
    'Sandboxes with a task at once. Null is no limit.',
  ),
  requests_per_minute: limitSchema.describe(
    'Calls in a minute. Null is no limit.',
  ),
  streams: limitSchema.describe(
    'Calls that stay open at once. Null is no limit.',
  ),
} satisfies Record<QuotaName, typeof limitSchema>);
export type QuotaOverrides = z.output<typeof quotaOverridesSchema>;

/** The limits that hold for a tenant. */
export function quotaWith(defaults: Quota, overrides: QuotaOverrides): Quota {
  const quota: Record<QuotaName, number | null> = { ...defaults };
  for (const name of QUOTA_NAMES) {
    const own = overrides[name];
    if (own !== undefined) quota[name] = own;
  }
  return quota;
}

/** Whether any of what rows tell has a limit. */
export function isCounted(quota: Quota): boolean {
  return COUNTED_QUOTAS.some((name) => quota[name] !== null);
}

type QuotaExcess = Excess & { readonly name: QuotaName };

/** The first limit that a change from `before` to `after` breaks. What was beyond it before may stay, and shrink. */
export function excessOf(
  quota: Quota,
  before: CountedUse,
  after: CountedUse,
): QuotaExcess | undefined {
  for (const name of COUNTED_QUOTAS) {
    const limit = quota[name];
    if (limit !== null && after[name] > limit && after[name] > before[name])
      return { name, used: before[name], limit };
  }
  return undefined;
}

/** Every limit: whether it passes by itself, so that to try again helps, and what else does. */
const LIMITS = {
  sandboxes: { passes: false, advice: 'Delete a sandbox' },
  running: { passes: false, advice: 'Stop a sandbox' },
  memory_mb: {
    passes: false,
    advice: 'Stop a sandbox, or give this one less memory',
  },
  disk_mb: {
    passes: false,
    advice: 'Purge a sandbox, or one that was deleted and left its files',
  },
  tasks: { passes: true, advice: 'Wait until a task has ended, or cancel one' },
  requests_per_minute: { passes: true, advice: 'Wait' },
  streams: { passes: true, advice: 'Close one' },
} as const satisfies Record<
  QuotaName,
  { readonly passes: boolean; readonly advice: string }
>;

/** A task or a stream seldom ends sooner. Seconds. */
const RETRY_AFTER_SECONDS = 5;

/** The refusal for a limit: `rate_limited` when it passes by itself, else `quota_exceeded`. */
export function overQuota(
  excess: QuotaExcess,
  retryAfterSeconds = RETRY_AFTER_SECONDS,
): DomainError {
  const { name, used, limit } = excess;
  const { passes, advice } = LIMITS[name];
  return new DomainError(
    passes ? 'rate_limited' : 'quota_exceeded',
    `The quota "${name}" is ${String(limit)}, and ${String(used)} of it is used: this needs more. ${advice}, or ask an administrator for a larger quota.`,
    { quota: excess, ...(passes && { retryAfterSeconds }) },
  );
}
