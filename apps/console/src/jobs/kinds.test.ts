import type { Job } from './kinds.ts';
import { isCancellable, tookMs } from './kinds.ts';

const job = (part: Partial<Job>): Job => ({
  id: 'J',
  kind: 'exec',
  sandbox_id: 'S',
  status: 'running',
  attempts: 1,
  requested_by: 'ann',
  created_at: '2026-11-29T06:00:00.000Z',
  ...part,
});

it('offers to cancel what the API lets be cancelled', () => {
  expect(isCancellable(job({}))).toBe(true);
  expect(isCancellable(job({ kind: 'task', status: 'queued' }))).toBe(true);
  expect(isCancellable(job({ kind: 'start' }))).toBe(false);
  expect(isCancellable(job({ status: 'succeeded' }))).toBe(false);
});

it('counts from the call to the end, or to now', () => {
  const now = Date.parse('2026-11-29T06:00:09.000Z');
  expect(tookMs(job({}), now)).toBe(9_000);
  const finished_at = '2026-11-29T06:00:02.500Z';
  expect(tookMs(job({ finished_at }), now)).toBe(2_500);
  expect(tookMs(job({}), 0)).toBe(0);
});
