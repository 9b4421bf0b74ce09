import { isLeased, LEASE_MS, retryDelayMs } from './job.ts';

/** How long all pauses of a job are together when each try fails with this code. Milliseconds. */
function patienceMs(
  kind: Parameters<typeof retryDelayMs>[0],
  code: Parameters<typeof retryDelayMs>[1],
): number {
  let sum = 0;
  for (let attempt = 1; ; attempt += 1) {
    const delay = retryDelayMs(kind, code, attempt, 0.5);
    if (delay === undefined) return sum;
    sum += delay;
  }
}

it('work on a sandbox outlasts a restart of the Engine', () => {
  for (const kind of ['create', 'start', 'stop', 'delete', 'purge'] as const)
    expect(patienceMs(kind, 'docker_unavailable')).toBeGreaterThan(30_000);
  expect(patienceMs('start', 'start_failed')).toBe(1_500);
});

it('what may have happened already is never tried again', () => {
  expect(patienceMs('exec', 'docker_unavailable')).toBe(0);
});

it('a lease further ahead than any is given does not hold', () => {
  expect(isLeased(1_000 + LEASE_MS, 1_000)).toBe(true);
  expect(isLeased(1_000, 1_000)).toBe(false);
  expect(isLeased(3_600_000, 1_000)).toBe(false);
});
