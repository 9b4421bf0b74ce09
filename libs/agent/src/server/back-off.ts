const FIRST_MS = 1_000;
const LAST_MS = 30_000;

/** Milliseconds that a service was up after which its earlier failures no longer count. */
export const STABLE_AFTER_MS = 10_000;

/** Milliseconds to wait before the next start, after `failures` (at least 1) in a row: 1, 2, 4, 8, 16, then 30 s. */
export function backOffMs(failures: number): number {
  return Math.min(LAST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
}
