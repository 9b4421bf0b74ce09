import Database from 'better-sqlite3';
import type { NewAudit } from '../src/index.ts';
import { codeOf, EXEC, insert, jobId, submit, temporary } from './open.ts';

let place: ReturnType<typeof temporary>;
beforeEach(() => {
  place = temporary();
});
afterEach(() => {
  place.clean();
});

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const row = (given: Partial<NewAudit> = {}): NewAudit => ({
  at_ms: 1_000,
  actor: 'api:ann',
  tenant: 'ann',
  action: 'POST /v1/sandboxes',
  outcome: 'accepted',
  ...given,
});

/** The database beside the store, as somebody with SQL at hand sees it. */
function behind<T>(work: (db: Database.Database) => T): T {
  const db = new Database(place.path);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

it('keeps what it was given, newest first', () => {
  const store = place.open();
  const full = row({
    target_kind: 'sandbox',
    target_id: 'X',
    source: '203.0.113.9',
    request_id: 'R',
    job_id: 'J',
    code: null,
    detail: { name: 'web', repeats: 3 },
  });
  store.audit.append(full);
  store.audit.append(row({ outcome: 'refused', code: 'busy' }));
  const { items } = store.audit.list({ limit: 10 });
  expect(items[1]).toEqual({ ...full, id: items[1]?.id });
  expect(items[0]).toMatchObject({ code: 'busy', detail: {}, source: null });
});

it.each([
  ["UPDATE audit SET actor = 'nobody'"],
  ['DELETE FROM audit'],
  ['INSERT OR REPLACE INTO audit SELECT * FROM audit'],
  [
    "INSERT INTO audit SELECT * FROM audit WHERE 1 ON CONFLICT (id) DO UPDATE SET actor = 'nobody'",
  ],
])('refuses %s', (sql) => {
  const store = place.open();
  store.audit.append(row({ at_ms: Date.now() }));
  const before = store.audit.list({ limit: 10 });
  expect(() => behind((db) => db.exec(sql))).toThrow('append-only');
  expect(store.audit.list({ limit: 10 })).toEqual(before);
});

it('finds by who, what, whose, to what and when, page by page, without sorting or reading it all', () => {
  const store = place.open();
  for (let n = 0; n < 60; n += 1)
    store.audit.append(
      row({
        at_ms: 10_000 + n,
        tenant: n % 2 === 0 ? 'ann' : 'ben',
        actor: `api:${n % 3}`,
        action: `a${n % 5}`,
        target_id: `t${n % 4}`,
      }),
    );
  const times = (query: object): number[] => {
    const seen: number[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 100; page += 1) {
      const { items, nextCursor } = store.audit.list({
        ...query,
        limit: 7,
        cursor,
      });
      seen.push(...items.map(({ at_ms }) => at_ms - 10_000));
      if (nextCursor === undefined) return seen;
      cursor = nextCursor;
    }
    throw new Error('the pages do not end');
  };
  const all = Array.from({ length: 60 }, (_, n) => 59 - n);
  const where = (holds: (n: number) => boolean) => all.filter(holds);
  expect(times({})).toEqual(all);
  expect(times({ tenant: 'ann' })).toEqual(where((n) => n % 2 === 0));
  expect(times({ actor: 'api:1' })).toEqual(where((n) => n % 3 === 1));
  expect(times({ action: 'a2', target: 't2' })).toEqual(
    where((n) => n % 5 === 2 && n % 4 === 2),
  );
  expect(times({ since: 10_010, until: 10_050, tenant: 'ben' })).toEqual(
    where((n) => n >= 10 && n < 50 && n % 2 === 1),
  );
  expect(codeOf(() => store.audit.list({ limit: 1, cursor: 'x' }))).toBe(
    'invalid_request',
  );
  for (const clause of [
    'tenant = ?',
    'actor = ?',
    'action = ?',
    'target_id = ?',
  ]) {
    const plan = behind((db) =>
      db
        .prepare(
          `EXPLAIN QUERY PLAN SELECT * FROM audit WHERE ${clause} AND id < ? ORDER BY id DESC LIMIT ?`,
        )
        .all('x', 'y', 1),
    );
    expect(JSON.stringify(plan)).toContain('SEARCH audit USING INDEX');
    expect(JSON.stringify(plan)).not.toContain('TEMP B-TREE');
  }
});

it.each(['actor', 'action', 'target_id'])(
  'looks at no row of another tenant to find those of one by its %s',
  (column) => {
    place.open();
    const plan = behind((db) =>
      db
        .prepare(
          `EXPLAIN QUERY PLAN SELECT * FROM audit WHERE tenant = ? AND ${column} = ? AND id < ? ORDER BY id DESC LIMIT ?`,
        )
        .all('x', 'y', 'z', 1),
    );
    expect(JSON.stringify(plan)).toContain(
      `(tenant=? AND ${column}=? AND id<?)`,
    );
    expect(JSON.stringify(plan)).not.toContain('TEMP B-TREE');
  },
);

it('writes down the end of every job, and the beginning of those that no call asked for', () => {
  const store = place.open();
  const id = insert(store);
  const own = submit(store, id, 'exec', EXEC);
  const asked = jobId();
  store.jobs.submit({
    id: asked,
    sandboxId: id,
    kind: 'exec',
    payload: EXEC,
    requestedBy: 'api:ann',
    requestId: 'R',
    now: 1_000,
  });
  const claim = store.jobs.claim(own, 'worker', 2_000);
  if (claim === undefined) throw new Error('not claimed');
  store.jobs.finish(claim, { status: 'succeeded', result: {} }, 3_000);
  store.jobs.requestCancel(asked, { actor: 'api:ann', now: 4_000 });
  const about = { target_kind: 'sandbox', target_id: id, tenant: 'open' };
  expect(store.audit.list({ limit: 10 }).items).toMatchObject([
    {
      ...about,
      actor: 'api:ann',
      job_id: asked,
      request_id: 'R',
      outcome: 'cancelled',
      code: 'cancelled',
    },
    { ...about, actor: 'test', job_id: own, outcome: 'succeeded', code: null },
    { ...about, action: 'job.exec', actor: 'test', outcome: 'accepted' },
  ]);
});

it('writes down what reconciling found and did, once', () => {
  const store = place.open();
  const id = insert(store);
  const finding = {
    kind: 'container_paused',
    action: 'unpaused',
    message: 'm',
    subject: id,
    detail: 'd',
    sandboxId: id,
  } as const;
  store.findings.note(finding, 1_000, 1_000);
  store.findings.note(finding, 2_000, 2_000);
  expect(store.audit.list({ limit: 10 }).items).toMatchObject([
    {
      actor: 'reconciler',
      action: 'finding.container_paused',
      target_id: id,
      tenant: 'open',
      source: null,
      detail: { did: 'unpaused' },
    },
  ]);
});

it('trims by age, once an hour is past it, and nothing of the newest two hours', () => {
  const store = place.open();
  const now = Date.now();
  for (const age of [2 * DAY_MS, DAY_MS + 1_000, DAY_MS - 60_000, HOUR_MS, 0])
    store.audit.append(row({ at_ms: now - age }));
  const ages = () =>
    store.audit
      .list({ limit: 10, actor: 'api:ann' })
      .items.map(({ at_ms }) => now - at_ms);
  const keep = { now, maxRows: 1_000, batch: 100 };
  expect(store.audit.trim({ ...keep, keepMs: 3 * DAY_MS })).toBe(0);
  expect(store.audit.trim({ ...keep, keepMs: DAY_MS })).toBe(2);
  expect(store.audit.trim({ ...keep, keepMs: DAY_MS })).toBe(0);
  expect(store.audit.trim({ ...keep, keepMs: 0 })).toBe(1);
  expect(ages()).toEqual([0, HOUR_MS]);
  expect(
    store.audit
      .list({ limit: 10, actor: 'reaper:trim' })
      .items.map(({ detail }) => detail),
  ).toEqual([{ rows: 1 }, { rows: 2 }]);
  expect(store.audit.trim({ ...keep, keepMs: 0, maxRows: 0 })).toBe(0);
});

it('lets a flood push out its own trace alone', () => {
  const store = place.open();
  const now = Date.now();
  const at_ms = now - DAY_MS;
  store.transaction(() => {
    for (let n = 0; n < 10; n += 1) {
      store.audit.append(row({ at_ms, tenant: 'ann' }));
      store.audit.append(row({ at_ms, tenant: null }));
    }
    for (let n = 0; n < 500; n += 1)
      store.audit.append(row({ at_ms, tenant: 'ben' }));
  });
  const bounds = { now, keepMs: 30 * DAY_MS, maxRows: 100, batch: 1_000 };
  expect(store.audit.trim(bounds)).toBe(420);
  const of = (tenant: string) => store.audit.list({ tenant, limit: 200 }).items;
  expect(of('ann')).toHaveLength(10);
  expect(of('ben')).toHaveLength(80);
  expect(store.audit.trim(bounds)).toBe(0);
});

it('is of its own time also after the clock was set back', () => {
  const store = place.open();
  for (const at_ms of [5_000, 3_000, 4_000, 5_000])
    store.audit.append(row({ at_ms }));
  expect(
    store.audit.list({ limit: 10 }).items.map(({ at_ms }) => at_ms),
  ).toEqual([5_000, 5_000, 4_000, 3_000]);
  expect(store.audit.list({ until: 5_000, limit: 10 }).items).toHaveLength(2);
});
