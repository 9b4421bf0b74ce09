import { MAX_PENDING_DELIVERIES } from '@sandboxed/domain';
import type { Store } from '../src/index.ts';
import { insert, newSandbox, nextId, sandboxId, temporary } from './open.ts';
import { sql } from './sql.ts';

let place = temporary();
beforeEach(() => {
  place = temporary();
});
afterEach(() => {
  place.clean();
});

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;

function hook(store: Store, tenant = 'open', events = ALL): string {
  const id = nextId();
  const made_by = 'test';
  const url = 'https://example.org/';
  store.webhooks.insert(
    { id, tenant, url, events, description: '', made_by, created_at: 1 },
    SECRET,
  );
  return id;
}
const ALL = ['sandbox.created' as const, 'sandbox.stopped' as const];

const told = (store: Store, id: string) =>
  store.deliveries.list(id, 100).items.map(({ type }) => type);

/** Makes a sandbox in the name of a tenant. */
function create(store: Store, tenant: string): void {
  const id = sandboxId();
  store.sandboxes.insert(
    { ...newSandbox(id), tenant },
    {},
    { actor: 'test', now: 5 },
  );
}

it('makes one delivery of each event for each webhook of its tenant, and none of what was before', () => {
  const store = place.open();
  create(store, 'ann');
  const ann = hook(store, 'ann');
  const bob = hook(store, 'bob');
  create(store, 'ann');
  const late = hook(store, 'ann');
  create(store, 'ann');
  expect(store.deliveries.plan(10)).toMatchObject({ planned: 3, more: false });
  expect(store.deliveries.plan(10)).toMatchObject({ planned: 0 });
  expect(place.open().deliveries.plan(10)).toMatchObject({ planned: 0 });
  expect(told(store, ann)).toEqual(['sandbox.created', 'sandbox.created']);
  expect(told(store, late)).toEqual(['sandbox.created']);
  expect(told(store, bob)).toEqual([]);
});

it('writes nothing while nobody listens, and nothing of that time later', () => {
  const store = place.open();
  const id = hook(store);
  store.webhooks.patch(id, { enabled: false }, 2);
  insert(store);
  expect(store.deliveries.plan(3)).toMatchObject({ planned: 0 });
  store.webhooks.patch(id, { enabled: true }, 4);
  expect(store.deliveries.plan(5)).toMatchObject({ planned: 0 });
  insert(store);
  expect(store.deliveries.plan(6)).toMatchObject({ planned: 1 });
});

it('keeps events from being trimmed that have not become deliveries', () => {
  const store = place.open();
  const id = hook(store);
  insert(store);
  const trim = { keepMs: 1_000, maxBytes: 1e9, batch: 100 };
  store.trim({ ...trim, now: 1e9 });
  expect(store.deliveries.plan(1e9)).toMatchObject({ planned: 1 });
  expect(told(store, id)).toEqual(['sandbox.created']);
  expect(store.trim({ ...trim, now: 1e9 })).toBeGreaterThan(0);
});

it('lets one claim a delivery, and another one once that is lost', () => {
  const store = place.open();
  const other = place.open();
  const id = hook(store);
  insert(store);
  store.deliveries.plan(10);
  const first = store.deliveries.claim(id, 10);
  expect(other.deliveries.claim(id, 10)).toBeUndefined();
  expect(other.deliveries.due(10)).toEqual([]);
  const second = other.deliveries.claim(id, 15_010);
  if (first === undefined || second === undefined)
    throw new Error('nothing to claim');
  expect(second.id).toBe(first.id);
  const attempt = { responseStatus: 200, durationMs: 1, error: null };
  const delivered = { ...attempt, outcome: 'delivered' } as const;
  expect(store.deliveries.settle(first, delivered, 15_011)).toBe(false);
  expect(other.deliveries.settle(second, delivered, 15_012)).toBe(true);
  expect(store.deliveries.get(id, first.id)).toMatchObject({
    status: 'delivered',
    attempts: 2,
    finished_at: 15_012,
  });
  expect(store.deliveries.figures()).toEqual({
    attempts: { delivered: 1, failed: 0 },
    pending: 0,
  });
});

it('names first whose delivery has waited for longest', () => {
  const store = place.open();
  const [a, b, c] = [hook(store), hook(store), hook(store)];
  store.deliveries.addTest(a, 30);
  store.deliveries.addTest(b, 20);
  store.deliveries.addTest(c, 10);
  store.deliveries.addTest(a, 40);
  expect(store.deliveries.due(35).map(({ id }) => id)).toEqual([c, b, a]);
  expect(store.deliveries.due(25).map(({ id }) => id)).toEqual([c, b]);
});

it('sends again under the same id when asked, and gives back what was not tried', () => {
  const store = place.open();
  const id = hook(store);
  const made = store.deliveries.addTest(id, 10);
  const claimed = store.deliveries.claim(id, 10);
  if (claimed === undefined) throw new Error('nothing to claim');
  store.deliveries.release(claimed, 11);
  const again = store.deliveries.claim(id, 11);
  if (again === undefined) throw new Error('nothing to claim');
  expect(again).toMatchObject({ id: made.id, attempts: 1 });
  const gone = { responseStatus: 500, durationMs: 1, error: 'answered 500' };
  store.deliveries.settle(again, { ...gone, outcome: 'failed' }, 12);
  expect(store.webhooks.get(id)?.failing_since).toBe(12);
  expect(store.deliveries.redeliver(id, made.id, 13)).toMatchObject({
    id: made.id,
    status: 'pending',
    attempts: 0,
    body: made.body,
  });
  expect(store.deliveries.redeliver(hook(store), made.id, 13)).toBeUndefined();
});

it('switches a webhook off when far too much waits, and says so of what waited', () => {
  const store = place.open();
  const id = hook(store);
  sql(
    place.path,
    `INSERT INTO webhook_deliveries (id, webhook_id, type, body, status, next_at, created_at)
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${String(MAX_PENDING_DELIVERIES)})
     SELECT printf('01ARZ3NDEKTSV4RRFF%08d', i), ?, 'webhook.test', '{}', 'pending', 1, 1 FROM n`,
    id,
  );
  insert(store);
  expect(store.deliveries.plan(10).overfull).toEqual([id]);
  expect(store.webhooks.get(id)).toMatchObject({ disabled_reason: 'backlog' });
  expect(store.deliveries.figures().pending).toBe(0);
  expect(store.deliveries.list(id, 1).items).toMatchObject([
    { status: 'failed', error: 'the webhook was disabled' },
  ]);
});

it('signs with the secret before for a day after a rotation, and keeps neither readable on disk', () => {
  const store = place.open();
  const id = hook(store);
  store.webhooks.rotate(id, 'whsec_bmV3', 1_000);
  expect(store.webhooks.secrets(id, 1_001)).toEqual(['whsec_bmV3', SECRET]);
  expect(store.webhooks.secrets(id, 1_000 + 86_400_000)).toEqual([
    'whsec_bmV3',
  ]);
  const { secrets_sealed } = sql(
    place.path,
    'SELECT secrets_sealed FROM webhooks',
  ) as { secrets_sealed: Buffer };
  expect(secrets_sealed.toString('latin1')).not.toContain('whsec_');
});

it('takes the deliveries of a webhook along when it is removed', () => {
  const store = place.open();
  const id = hook(store);
  const { id: delivery } = store.deliveries.addTest(id, 1);
  expect(store.webhooks.remove(id)).toBe(true);
  expect(store.deliveries.get(id, delivery)).toBeUndefined();
  expect(store.webhooks.remove(id)).toBe(false);
});
