import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Store } from '../src/index.ts';
import { EXEC, insert, jobId, submit, temporary } from './open.ts';

let place: ReturnType<typeof temporary>;
beforeEach(() => {
  place = temporary();
});
afterEach(() => {
  place.clean();
});

const DAY_MS = 86_400_000;
const LARGE = 1e12;

/** A job of a sandbox that ended at `at`, with a result of `chars` characters. */
function ended(
  store: Store,
  id: ReturnType<typeof insert>,
  at: number,
  chars = 0,
) {
  const job = jobId();
  store.transaction(() => {
    store.jobs.submit({
      id: job,
      sandboxId: id,
      kind: 'exec',
      payload: EXEC,
      requestedBy: 'test',
      now: at,
    });
    const claim = store.jobs.claim(job, 'worker', at);
    if (claim === undefined) throw new Error(`${job} cannot be claimed`);
    const result = 'x'.repeat(chars);
    store.jobs.finish(claim, { status: 'succeeded', result }, at);
  });
  return job;
}

/** Trims until there is nothing left to do. Answers the rows. */
function trimAll(store: Store, options: Parameters<Store['trim']>[0]): number {
  let rows = 0;
  for (let round = 0; round < 10_000; round += 1) {
    const batch = store.trim(options);
    if (batch === 0) return rows;
    rows += batch;
  }
  throw new Error('trimming does not end');
}

it('lets the oldest finished jobs go when the database is too large, and no event of one that is there', () => {
  const store = place.open();
  const id = insert(store);
  const open = submit(store, id, 'exec', EXEC);
  const other = insert(store);
  const now = 10 * DAY_MS;
  const jobs = Array.from({ length: 400 }, (_, at) =>
    ended(store, other, now - DAY_MS + at, 10_000),
  );
  const maxBytes = 4 * 1_048_576;
  const options = { now, keepMs: LARGE, maxBytes, batch: 100 };
  expect(trimAll(store, options)).toBeGreaterThan(100);
  const left = jobs.filter((job) => store.jobs.get(job) !== undefined);
  expect(left.length).toBeGreaterThan(50);
  expect(left.length).toBeLessThan(350);
  expect(left).toEqual(jobs.slice(-left.length));
  for (const job of [...left, open]) {
    const types = store.events.after({ jobId: job }, 0, 10);
    expect(types.at(0)).toMatchObject({ data: { status: 'queued' } });
  }
  for (const job of left)
    expect(store.events.after({ jobId: job }, 0, 10).at(-1)?.type).toBe('done');
  expect(store.trim(options)).toBe(0);
});

it('takes no history away for the room that the audit log takes', () => {
  const store = place.open();
  const id = insert(store);
  const now = 10 * DAY_MS;
  const job = ended(store, id, now - DAY_MS);
  store.transaction(() => {
    for (let n = 0; n < 20_000; n += 1)
      store.audit.append({
        at_ms: now - DAY_MS + n,
        actor: 'api:ann',
        action: 'POST /v1/sandboxes/{id}/exec',
        target_kind: 'sandbox',
        target_id: id,
        source: '127.0.0.1',
        request_id: job,
        job_id: job,
        outcome: 'accepted',
      });
  });
  const maxBytes = 4 * 1_048_576;
  expect(
    statSync(place.path).size + statSync(`${place.path}-wal`).size,
  ).toBeGreaterThan(maxBytes);
  trimAll(store, { now, keepMs: LARGE, maxBytes, batch: 100 });
  expect(store.jobs.get(job)).toBeDefined();
});

it('keeps what ended within the last minute, however large it is', () => {
  const store = place.open();
  const id = insert(store);
  const now = 10 * DAY_MS;
  const old = ended(store, id, now - 61_000, 100_000);
  const fresh = ended(store, id, now - 59_000, 100_000);
  trimAll(store, { now, keepMs: LARGE, maxBytes: 1, batch: 100 });
  expect(store.jobs.get(old)).toBeUndefined();
  expect(store.jobs.get(fresh)).toBeDefined();
  expect(store.events.after({ jobId: fresh }, 0, 10)).toHaveLength(3);
});

it('keeps the answers of an hour to idempotent requests, when the database is too large', () => {
  const store = place.open();
  const now = 10 * DAY_MS;
  const response = { fingerprint: 'f', status: 202, headers: {}, body: {} };
  store.idempotency.save('me', 'old', response, now - 3_600_001);
  store.idempotency.save('me', 'fresh', response, now - 3_599_999);
  trimAll(store, { now, keepMs: LARGE, maxBytes: 1, batch: 100 });
  expect(store.idempotency.find('me', 'old', now)).toBeUndefined();
  expect(store.idempotency.find('me', 'fresh', now)).toEqual(response);
});

it("tells where the sandboxes' own logs begin", () => {
  const store = place.open();
  expect(store.events.oldest()).toBe(1);
  const id = insert(store);
  const now = 10 * DAY_MS;
  ended(store, id, now - 2 * DAY_MS);
  expect(store.events.oldest()).toBe(1);
  ended(store, id, now);
  const own = store.events.after({ sandboxId: id }, 0, 100);
  const second = own.findIndex(({ at }) => at === now);
  trimAll(store, { now, keepMs: DAY_MS, maxBytes: LARGE, batch: 100 });
  expect(store.events.oldest()).toBe(own[second]?.seq);
  trimAll(store, { now: LARGE, keepMs: 1, maxBytes: LARGE, batch: 100 });
  expect(store.events.oldest()).toBe((own.at(-1)?.seq ?? 0) + 2);
});

it('gives the space of a write-ahead log back that a long reader made grow', () => {
  const store = place.open();
  const id = insert(store);
  const reader = new Database(place.path, { readonly: true });
  try {
    reader.exec('BEGIN');
    reader.prepare('SELECT COUNT(*) FROM jobs').get();
    for (let at = 0; at < 90; at += 1) ended(store, id, at, 1_000_000);
    reader.exec('COMMIT');
  } finally {
    reader.close();
  }
  const log = `${place.path}-wal`;
  expect(statSync(log).size).toBeGreaterThan(64 * 1_048_576);
  store.checkpoint();
  expect(statSync(log).size).toBe(0);
});

it('trims the tombstone of what was purged with its last event, and never one that has a workspace', () => {
  const store = place.open();
  const details = { actor: 'test', reason: 'test', now: 2_000 };
  const [purged, kept, wanted] = [insert(store), insert(store), insert(store)];
  for (const id of [purged, kept, wanted]) {
    store.sandboxes.transition(id, 'delete', details);
    if (id !== kept) store.sandboxes.forgetWorkspace(id);
    store.sandboxes.transition(id, 'removed', details);
  }
  submit(store, wanted, 'purge', {});
  const keepMs = 1_000;
  store.trim({ now: 3_000, keepMs, maxBytes: 1e9, batch: 1_000 });
  expect(store.sandboxes.get(purged)).toBeDefined();
  store.trim({ now: 3_001, keepMs, maxBytes: 1e9, batch: 1_000 });
  expect(store.sandboxes.get(purged)).toBeUndefined();
  expect(store.sandboxes.get(kept)).toBeDefined();
  expect(store.sandboxes.get(wanted)).toBeDefined();
});
