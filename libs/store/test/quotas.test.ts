import Database from 'better-sqlite3';
import type { CountedUse, SandboxId } from '@sandboxed/domain';
import { DEFAULT_LIMITS, taskPayloadSchema } from '@sandboxed/domain';
import type { Store } from '../src/index.ts';
import { USE_QUERIES } from '../src/quotas.ts';
import { EXEC, newSandbox, sandboxId, submit, temporary } from './open.ts';

let place: ReturnType<typeof temporary>;
beforeEach(() => {
  place = temporary();
});
afterEach(() => {
  place.clean();
});

const BY = { actor: 'test', reason: 'test', now: 2_000 };
const TASK = taskPayloadSchema.parse({ agent: 'codex', prompt: 'Say hello.' });

/** A sandbox with 100 MiB of memory and 1,000 of disk, in `creating`. */
function make(store: Store, tenant = 'ann'): SandboxId {
  const id = sandboxId();
  const limits = { ...DEFAULT_LIMITS, memory_mb: 100, disk_mb: 1_000 };
  store.sandboxes.insert({ ...newSandbox(id), tenant, limits }, {}, BY);
  return id;
}

const use = (
  sandboxes: number,
  running: number,
  disk: number,
  tasks = 0,
): CountedUse => ({
  sandboxes,
  running,
  memory_mb: 100 * running,
  disk_mb: 1_000 * disk,
  tasks,
});

it('counts what a sandbox takes in each state of its life, until its files are gone', () => {
  const store = place.open();
  const id = make(store);
  make(store, 'ben');
  const seen: CountedUse[] = [store.quotas.use('ann')];
  for (const event of [
    'ready',
    'stop',
    'exited',
    'start',
    'fail',
    'delete',
    'removed',
  ] as const) {
    store.sandboxes.transition(id, event, BY);
    seen.push(store.quotas.use('ann'));
  }
  store.sandboxes.forgetWorkspace(id);
  seen.push(store.quotas.use('ann'));
  expect(seen).toEqual([
    use(1, 1, 1),
    use(1, 1, 1),
    use(1, 1, 1),
    use(1, 0, 1),
    use(1, 1, 1),
    use(1, 0, 1),
    use(1, 0, 1),
    use(0, 0, 1),
    use(0, 0, 0),
  ]);
  expect(store.quotas.use('ben')).toEqual(use(1, 1, 1));
});

it('counts a sandbox that is about to start once, however many starts it has', () => {
  const store = place.open();
  const id = make(store);
  submit(store, id, 'start', {});
  expect(store.quotas.use('ann')).toEqual(use(1, 1, 1));
  store.sandboxes.transition(id, 'ready', BY);
  store.sandboxes.transition(id, 'exited', BY);
  submit(store, id, 'start', {});
  const other = make(store, 'ben');
  expect(store.quotas.use('ann')).toEqual(use(1, 1, 1));
  expect(store.quotas.use('ben')).toEqual(use(1, 1, 1));
  submit(store, other, 'exec', EXEC);
  for (const job of store.jobs.mailbox(id))
    store.jobs.requestCancel(job.id, BY);
  expect(store.quotas.use('ann')).toEqual(use(1, 0, 1));
});

it('counts sandboxes with tasks, not the tasks that wait in one', () => {
  const store = place.open();
  const [one, other] = [make(store), make(store)];
  const first = submit(store, one, 'task', TASK);
  submit(store, one, 'task', TASK);
  submit(store, other, 'exec', EXEC);
  submit(store, make(store, 'ben'), 'task', TASK);
  expect(store.quotas.use('ann').tasks).toBe(1);
  submit(store, other, 'task', TASK);
  expect(store.quotas.use('ann').tasks).toBe(2);
  store.jobs.requestCancel(first, BY);
  expect(store.quotas.use('ann').tasks).toBe(2);
});

it('takes what it counts from memory and disk as they are now', () => {
  const store = place.open();
  const id = make(store);
  const limits = { ...DEFAULT_LIMITS, memory_mb: 300, disk_mb: 64 };
  store.sandboxes.patch(id, { limits }, 3_000);
  expect(store.quotas.use('ann')).toMatchObject({
    memory_mb: 300,
    disk_mb: 64,
  });
});

it('keeps what a tenant may have, until it is the default again', () => {
  const store = place.open();
  expect(store.quotas.overrides('ann')).toEqual({});
  store.quotas.put('ann', { sandboxes: 2, tasks: null }, 1);
  store.quotas.put('ann', { sandboxes: 3 }, 2);
  expect(place.open().quotas.overrides('ann')).toEqual({ sandboxes: 3 });
  store.quotas.remove('ann');
  expect(store.quotas.overrides('ann')).toEqual({});
});

it('reads limits that a later version knows and this one does not', () => {
  const store = place.open();
  const db = new Database(place.path);
  db.prepare("INSERT INTO quotas VALUES ('ann', ?, 1)").run(
    '{"sandboxes":2,"moons":1}',
  );
  db.close();
  expect(store.quotas.overrides('ann')).toEqual({ sandboxes: 2 });
});

it('names tenants with sandboxes, gone ones too, and those with limits, page by page', () => {
  const store = place.open();
  for (const tenant of ['dan', 'ann', 'cid', 'ann', 'bea', 'ann'])
    make(store, tenant);
  for (const tenant of ['bob', 'cid', 'zoe'])
    store.quotas.put(tenant, {}, 1_000);
  expect(store.quotas.tenants('', 9)).toEqual([
    'ann',
    'bea',
    'bob',
    'cid',
    'dan',
    'zoe',
  ]);
  expect(store.quotas.tenants('', 2)).toEqual(['ann', 'bea']);
  expect(store.quotas.tenants('bea', 2)).toEqual(['bob', 'cid']);
  expect(store.quotas.tenants('cid', 2)).toEqual(['dan', 'zoe']);
  expect(store.quotas.tenants('zoe', 2)).toEqual([]);
});

it.each(['living', 'kept', 'toStart', 'tasks', 'tenants'] as const)(
  'reads %s by an index, never all rows',
  (name) => {
    place.open();
    const db = new Database(place.path);
    const given = name === 'tenants' ? { after: '', limit: 1 } : 'ann';
    const plan = JSON.stringify(
      db.prepare(`EXPLAIN QUERY PLAN ${USE_QUERIES[name]}`).all(given),
    );
    db.close();
    expect(plan).not.toMatch(/SCAN (sandboxes|jobs|quotas)/);
    if (name === 'living' || name === 'kept')
      expect(plan).toContain(
        'COVERING INDEX sandboxes_use (tenant=? AND state=?',
      );
    if (name === 'toStart' || name === 'tasks')
      expect(plan).toMatch(
        /jobs USING INDEX jobs_use \(kind=\?\).*sandboxes USING INDEX sqlite_autoindex_sandboxes_1 \(id=\?\)/,
      );
  },
);
