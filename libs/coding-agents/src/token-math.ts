import type { TokenCounts } from '@sandboxed/domain';
import { z } from 'zod';

/** A count that a program reports; anything else than a count is none. Bounded, so that sums stay exact. */
export const reportedCount = z.int().nonnegative().max(1e12).catch(0);
/** A price in dollars; anything else is unknown. */
export const reportedCost = z
  .number()
  .nonnegative()
  .max(1e6)
  .optional()
  .catch(undefined);

type Parts = Omit<TokenCounts, 'total'>;

/** Counts with their total. `reasoning` is a share of `output`. */
export const tokenCounts = (parts: Parts): TokenCounts => ({
  ...parts,
  total: Math.min(
    parts.input + parts.output + parts.cache_read + parts.cache_write,
    Number.MAX_SAFE_INTEGER,
  ),
});

const combine = (
  left: TokenCounts,
  right: TokenCounts,
  how: (a: number, b: number) => number,
): TokenCounts =>
  tokenCounts({
    input: how(left.input, right.input),
    output: how(left.output, right.output),
    reasoning: how(left.reasoning, right.reasoning),
    cache_read: how(left.cache_read, right.cache_read),
    cache_write: how(left.cache_write, right.cache_write),
  });

export const addTokens = (left: TokenCounts, right: TokenCounts): TokenCounts =>
  combine(left, right, (a, b) => Math.min(a + b, Number.MAX_SAFE_INTEGER));

/** What a running total grew by, never below zero. */
export const tokensSince = (
  total: TokenCounts,
  before: TokenCounts,
): TokenCounts => combine(total, before, (a, b) => Math.max(a - b, 0));
