import type { SandboxId } from '@sandboxed/domain';
import Database from 'better-sqlite3';
import { keepCopy } from '../src/keep-copy.ts';
import type { Store } from '../src/index.ts';
import { insert, jobId, newSandbox, sandboxId, temporary } from './open.ts';

const SUBNET = { cidr: '10.1.0.0/29', gateway: '10.1.0.1' };

let place: ReturnType<typeof temporary>;
let store: Store;
beforeEach(() => {
  place = temporary();
  store = place.open();
});
afterEach(() => {
  place.clean();
});

function plan(size = 50, id = sandboxId(), key = 'key'): SandboxId {
  store.warmPool.plan(
    { id, generation: 7, key, hostKey: 'host', createdAt: 1_000 },
    size,
  );
  return id;
}

function ready(at = 2_000, key = 'key'): SandboxId {
  const id = plan(50, sandboxId(), key);
  store.warmPool.markReady(id, at);
  return id;
}

const states = () => store.warmPool.all().map(({ state }) => state);

it('plans no more members than are wanted, whoever plans', () => {
  const other = place.open();
  const [a, b] = [plan(2), plan(2)];
  const third = { id: sandboxId(), generation: 1, key: 'key', hostKey: '' };
  expect(other.warmPool.plan({ ...third, createdAt: 1 }, 2)).toBe(false);
  expect(store.warmPool.all().map(({ id }) => id)).toEqual([a, b]);
  store.warmPool.retire([a]);
  expect(other.warmPool.plan({ ...third, createdAt: 1 }, 2)).toBe(true);
});

describe('a claim', () => {
  it('takes the member that is ready for longest, once, and counts', () => {
    const [late, early] = [ready(3_000), ready(2_000)];
    plan();
    expect(store.warmPool.claim('key')).toEqual({ id: early, generation: 7 });
    expect(place.open().warmPool.claim('key')?.id).toBe(late);
    expect(store.warmPool.claim('key')).toBeUndefined();
    expect(states()).toEqual(['making']);
    expect(store.warmPool.claims()).toEqual({ hits: 2, misses: 1 });
  });

  it('takes none of another key, and none that leaves', () => {
    ready(1, 'other');
    store.warmPool.retire([ready()]);
    expect(store.warmPool.claim('key')).toBeUndefined();
  });

  it('is taken back with its transaction', () => {
    const id = ready();
    expect(() =>
      store.transaction(() => {
        store.warmPool.claim('key');
        throw new Error('over the quota');
      }),
    ).toThrow('over the quota');
    expect(store.warmPool.claim('key')?.id).toBe(id);
    expect(store.warmPool.claims()).toEqual({ hits: 1, misses: 0 });
  });

  it('leaves the address to the sandbox, whose generation is that of the container', () => {
    const id = ready();
    const address = store.addresses.hold(id, SUBNET);
    const { generation } = store.warmPool.claim('key') ?? { generation: 0 };
    store.sandboxes.insert(
      newSandbox(id),
      {},
      {
        ...{ actor: 'test', now: 9_000_000, generation },
      },
    );
    expect(store.sandboxes.get(id)?.generation).toBe(7);
    expect(store.addresses.hold(id, SUBNET)).toBe(address);
  });
});

it('lets a member be made ready only by who still makes it', () => {
  const id = plan();
  store.warmPool.assertMaking(id);
  store.warmPool.retire([id]);
  expect(() => {
    store.warmPool.assertMaking(id);
  }).toThrow('not in the making');
  expect(() => {
    store.warmPool.markReady(id, 1);
  }).toThrow('not in the making');
});

it('forgets a member with its address, and only one that leaves', () => {
  const id = ready();
  const address = store.addresses.hold(id, SUBNET);
  store.warmPool.forget(id);
  expect(store.warmPool.has(id)).toBe(true);
  expect(store.warmPool.retire('all')).toBe(1);
  expect(store.warmPool.retire('all')).toBe(0);
  store.warmPool.forget(id);
  expect(store.warmPool.has(id)).toBe(false);
  const held = Array.from({ length: 5 }, () =>
    store.addresses.hold(sandboxId(), SUBNET),
  );
  expect(held).toContain(address);
});

it('clears all, whatever their state', () => {
  ready();
  plan();
  store.warmPool.clear();
  expect(states()).toEqual([]);
});

it('is busy while a lifecycle job is queued, and not for an exec', () => {
  const id = insert(store);
  const job = (kind: 'start' | 'exec') => {
    const common = {
      id: jobId(),
      sandboxId: id,
      requestedBy: 'test',
      now: 1_000,
    };
    if (kind === 'start') store.jobs.submit({ ...common, kind, payload: {} });
    else
      store.jobs.submit({
        ...common,
        kind,
        payload: { shell: 'true', timeout_seconds: null, background: false },
      });
  };
  job('exec');
  expect(store.warmPool.isBusy()).toBe(false);
  job('start');
  expect(store.warmPool.isBusy()).toBe(true);
});

it('shows in no list, count or quota of sandboxes', () => {
  ready();
  expect(store.sandboxes.list({ limit: 10 }).items).toEqual([]);
  expect(Object.values(store.sandboxes.countByState())).not.toContain(1);
  expect(store.workspaces.all().size).toBe(0);
});

it('is not in the copy of the database that is kept before its schema changes', () => {
  const id = ready();
  store.addresses.hold(id, SUBNET);
  const copied = new Database(keepCopy(place.path, 99), { readonly: true });
  const ids = (table: string, column: string): unknown[] =>
    copied.prepare(`SELECT ${column} FROM ${table}`).pluck().all();
  expect(ids('warm_pool', 'id')).toEqual([]);
  expect(ids('addresses', 'sandbox_id')).not.toContain(id);
  copied.close();
  expect(store.warmPool.has(id)).toBe(true);
});
