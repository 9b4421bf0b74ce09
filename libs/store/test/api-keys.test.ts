import { createHash } from 'node:crypto';
import type { NewApiKey } from '../src/api-keys.ts';
import { nextId, temporary } from './open.ts';

let place: ReturnType<typeof temporary>;
beforeEach(() => {
  place = temporary();
});
afterEach(() => {
  place.clean();
});

const key = (more: Partial<NewApiKey> = {}): NewApiKey => {
  const id = nextId();
  return {
    id,
    tenant: 'ann',
    name: 'ci',
    prefix: `sk_${id.slice(-8)}`,
    hash: createHash('sha256').update(id).digest(),
    scopes: ['read', 'write'],
    made_by: 'api:admin',
    created_at: 1_000,
    expires_at: null,
    ...more,
  };
};

it('finds a key by what its secret begins with, and keeps no word of the rest', () => {
  const store = place.open();
  const made = key();
  const row = store.apiKeys.insert(made);
  expect(row).toMatchObject({ last_used_at: null, revoked_at: null });
  expect(JSON.stringify(row)).not.toContain(made.hash.toString('hex'));
  const found = store.apiKeys.byPrefix(made.prefix);
  expect(found?.key).toEqual(row);
  expect(found?.hash.equals(made.hash)).toBe(true);
  expect(store.apiKeys.byPrefix('sk_')).toBeUndefined();
  expect(store.apiKeys.get(nextId())).toBeUndefined();
});

it('revokes once and for good, for every connection at once', () => {
  const store = place.open();
  const { id } = store.apiKeys.insert(key());
  const other = place.open();
  expect(other.apiKeys.revoke(id, 5_000)?.revoked_at).toBe(5_000);
  expect(store.apiKeys.get(id)?.revoked_at).toBe(5_000);
  expect(store.apiKeys.revoke(id, 9_000)?.revoked_at).toBe(5_000);
  expect(store.apiKeys.revoke(nextId(), 1)).toBeUndefined();
});

it('lists newest first, page by page, of one tenant or of all', () => {
  const store = place.open();
  for (const [tenant, created_at] of [
    ['ann', 1],
    ['ben', 2],
    ['ann', 3],
    ['ann', 3],
  ] as const)
    store.apiKeys.insert(key({ tenant, created_at }));
  const pages = (tenant?: string) => {
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = store.apiKeys.list({
        limit: 2,
        ...(tenant !== undefined && { tenant }),
        ...(cursor !== undefined && { cursor }),
      });
      seen.push(...page.items.map(({ created_at }) => created_at));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return seen;
  };
  expect(pages()).toEqual([3, 3, 2, 1]);
  expect(pages('ann')).toEqual([3, 3, 1]);
  expect(pages('cid')).toEqual([]);
});

it('counts those that can be used, and forgets the others after the history', () => {
  const store = place.open();
  const { apiKeys } = store;
  const lasting = apiKeys.insert(key());
  apiKeys.insert(key({ tenant: 'ben', expires_at: 2_000 }));
  const revoked = apiKeys.insert(key());
  apiKeys.revoke(revoked.id, 3_000);
  expect(apiKeys.countActive(1_999)).toBe(2);
  expect(apiKeys.countActive(1_999, 'ann')).toBe(1);
  expect(apiKeys.countActive(2_000)).toBe(1);
  const trim = (now: number) =>
    store.trim({ now, keepMs: 1_000, maxBytes: 1e12, batch: 9 });
  expect(trim(3_000)).toBe(0);
  expect(trim(4_001)).toBe(2);
  expect(trim(1e12)).toBe(0);
  expect(apiKeys.list({ limit: 9 }).items).toEqual([lasting]);
});
