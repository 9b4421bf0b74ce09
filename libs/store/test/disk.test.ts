import type { SandboxId } from '@sandboxed/domain';
import type { Store } from '../src/index.ts';
import { insert, newSandbox, sandboxId, temporary } from './open.ts';

const NOW = 1_800_000_000_000;
const MIB = 1_048_576;

let place = temporary();
let store: Store;
beforeEach(() => {
  place = temporary();
  store = place.open();
});
afterEach(() => {
  place.clean();
});

function running(tenant = 'open'): SandboxId {
  const id = sandboxId();
  store.sandboxes.insert(
    { ...newSandbox(id), tenant },
    {},
    { actor: 'test', now: NOW },
  );
  const by = { actor: 'test', reason: 'test', now: NOW };
  store.sandboxes.transition(id, 'ready', by);
  return id;
}

/** A turn that ends with so many MiB; the sandbox is due again after a minute, or with null not. */
function measured(
  mib: number,
  now: number,
  dueAt: number | null = now + 60_000,
) {
  store.disk.enroll(now);
  const turn = store.disk.take(now);
  if (turn === undefined) throw new Error('nobody is due');
  const use = { bytes: mib * MIB, files: mib };
  store.disk.put(turn, { ...use, costMs: 1, at: now, dueAt });
  return turn.id;
}

it('gives each running sandbox its turn once, then when it is due again', () => {
  const ids = new Set([running(), running()]);
  insert(store);
  expect(new Set([measured(1, NOW), measured(1, NOW)])).toEqual(ids);
  store.disk.enroll(NOW);
  expect(store.disk.take(NOW + 59_999)).toBeUndefined();
  expect(store.disk.take(NOW + 60_000)).toBeDefined();
});

it('gives a turn to nobody else until it has run out, and never loses it', () => {
  const id = running();
  const other = place.open();
  store.disk.enroll(NOW);
  expect(store.disk.take(NOW)?.id).toBe(id);
  other.disk.enroll(NOW);
  expect(other.disk.take(NOW)).toBeUndefined();
  expect(other.disk.take(NOW + 180_000)?.id).toBe(id);
});

it('takes those close to their limit first', () => {
  running();
  const second = running();
  measured(1, NOW);
  measured(1, NOW + 1);
  store.disk.judge(second, 'high', null);
  expect(store.disk.take(NOW + 100_000)?.id).toBe(second);
});

it('does not let those close to their limit keep another from its turn for ever', () => {
  const waiting = running();
  measured(1, NOW, NOW + 1_000);
  const close = running();
  measured(1, NOW, NOW + 5_000);
  store.disk.judge(close, 'high', null);
  for (let at = NOW + 6_000; at < NOW + 120_000; at += 6_000) {
    const turn = store.disk.take(at);
    if (turn?.id === waiting) return;
    expect(turn?.id).toBe(close);
    // Again due before the next round begins, as one with many files is.
    store.disk.hasten(close, at + 5_000);
  }
  throw new Error('it never had its turn');
});

it('has its turn although it was due long after a clock that was set back', () => {
  const id = running();
  measured(1, NOW);
  expect(store.disk.take(NOW - 3_600_000)?.id).toBe(id);
});

it('has all that runs measured at once when there is no time to lose', () => {
  const ids = new Set([running(), running()]);
  measured(1, NOW, NOW + 600_000);
  measured(1, NOW, NOW + 600_000);
  store.disk.hurry(NOW + 1);
  const taken = [store.disk.take(NOW + 1)?.id, store.disk.take(NOW + 1)?.id];
  expect(new Set(taken)).toEqual(ids);
});

it('remembers by how much it grew', () => {
  const id = running();
  measured(5, NOW);
  expect(store.disk.get(id)?.grown).toEqual({ bytes: 0, files: 0 });
  measured(7, NOW + 60_000);
  expect(store.disk.get(id)).toMatchObject({
    bytes: 7 * MIB,
    grown: { bytes: 2 * MIB, files: 2 },
    measuredAt: NOW + 60_000,
  });
  measured(1, NOW + 120_000);
  expect(store.disk.get(id)?.grown).toEqual({ bytes: 0, files: 0 });
});

it('counts what is written through the API at once, and measures it, also when that was under way', () => {
  const id = insert(store);
  store.disk.add(id, { bytes: MIB, files: 1 }, NOW);
  const turn = store.disk.take(NOW);
  if (turn === undefined) throw new Error('nobody is due');
  store.disk.add(id, { bytes: MIB, files: 1 }, NOW + 1);
  expect(store.disk.get(id)).toMatchObject({ bytes: 2 * MIB, files: 2 });
  const use = { bytes: MIB, files: 1, costMs: 1, at: NOW + 2, dueAt: null };
  store.disk.put(turn, use);
  expect(store.disk.take(NOW + 2)?.id).toBe(id);
});

it('measures what sleeps no more until something changes it', () => {
  const id = running();
  measured(1, NOW, null);
  const by = { actor: 'test', reason: 'test', now: NOW };
  store.sandboxes.transition(id, 'exited', by);
  store.disk.enroll(NOW);
  expect(store.disk.take(NOW + 600_000)).toBeUndefined();
  store.disk.hasten(id, NOW);
  expect(store.disk.take(NOW)?.id).toBe(id);
});

it('sums up by tenant, deleted ones with a workspace too, until it is purged', () => {
  const [mine, also] = [running('a'), running('a')];
  running('b');
  for (const mib of [1, 2, 4]) measured(mib, NOW);
  const all = store.disk.total();
  expect(all).toEqual({ bytes: 7 * MIB, files: 7 });
  const ofA = store.disk.total('a').bytes;
  expect(ofA + store.disk.total('b').bytes).toBe(all.bytes);
  const by = { actor: 'test', reason: 'test', now: NOW };
  store.sandboxes.transition(mine, 'delete', by);
  store.sandboxes.transition(mine, 'removed', by);
  expect(store.disk.total('a').bytes).toBe(ofA);
  store.sandboxes.forgetWorkspace(mine);
  expect(store.disk.total('a').bytes).toBe(store.disk.get(also)?.bytes);
  expect(store.disk.get(mine)).toBeUndefined();
});

it('does not bring back the row of what was purged while it was measured', () => {
  const id = running();
  store.disk.enroll(NOW);
  const turn = store.disk.take(NOW);
  if (turn === undefined) throw new Error('nobody is due');
  store.sandboxes.forgetWorkspace(id);
  const use = { bytes: MIB, files: 1, costMs: 1, at: NOW, dueAt: null };
  store.disk.put(turn, use);
  store.disk.add(id, use, NOW);
  expect(store.disk.get(id)).toBeUndefined();
});

it('watches those close to a limit, and those that were', () => {
  const id = running();
  measured(8_700, NOW);
  expect(store.disk.watched()).toEqual([]);
  measured(8_705, NOW + 60_000);
  expect(store.disk.watched()).toMatchObject([{ sandbox: { id } }]);
  measured(1, NOW + 120_000);
  expect(store.disk.watched()).toEqual([]);
  store.disk.judge(id, 'full', NOW);
  expect(store.disk.watched()).toMatchObject([
    { row: { level: 'full', fullSince: NOW } },
  ]);
  expect(store.disk.countByLevel()).toEqual({ ok: 0, high: 0, full: 1 });
});
