import { parseJobId, parseSandboxId } from './ids.ts';
import { judgeLease } from './lease.ts';

const ULID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const NOW = 1_000_000;

function lease(leaseIn: number, startedAgo = 100_000) {
  const [id, sandbox_id] = [parseJobId(ULID), parseSandboxId(ULID)];
  if (id === undefined || sandbox_id === undefined) throw new Error('no id');
  return {
    id,
    sandbox_id,
    worker_id: 'w',
    lease_until: NOW + leaseIn,
    started_at: NOW - startedAgo,
  };
}

it.each([
  ['held by a worker that was heard of', lease(5_000), NOW - 15_000, '-'],
  [
    'held by a worker that is silent',
    lease(5_000),
    NOW - 15_001,
    'lease_of_silent_worker',
  ],
  [
    'held by a worker that never was heard of',
    lease(5_000),
    undefined,
    'lease_of_silent_worker',
  ],
  ['just begun', lease(5_000, 1_000), undefined, '-'],
  ['over, and about to be taken', lease(-30_000), undefined, '-'],
  ['over, and taken by nobody', lease(-30_001), NOW - 1_000, 'lease_expired'],
])('judges a lease %s', (_, given, heardAt, expected) => {
  expect(judgeLease(given, heardAt, NOW)?.kind ?? '-').toBe(expected);
});
