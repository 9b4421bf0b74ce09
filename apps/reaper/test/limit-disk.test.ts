import type { DiskSpace, DiskUse, JobId, SandboxId } from '@sandboxed/domain';
import {
  DEFAULT_LIMITS,
  DISK_GRACE_MS,
  DISK_LIMIT_REASON,
  DISK_STOPS,
} from '@sandboxed/domain';
import type { Store } from '@sandboxed/store';
import { cleanUp } from '../../../libs/queue/test/support.ts';
import { limitDisk } from '../src/limit-disk.ts';
import {
  dataDirectory,
  newJobId,
  queueExec,
  runningSandbox,
  storeIn,
} from './support.ts';

const MIB = 1_048_576;
const START = 1_800_000_000_000;
const ROOM: DiskSpace = { freeMb: 50_000, totalMb: 100_000, freeInodes: 1 };

let store: Store;
let now: number;
let told: JobId[];
beforeEach(async () => {
  store = storeIn(await dataDirectory());
  now = START;
  told = [];
});
afterEach(cleanUp);

const tick = (space: DiskSpace = ROOM, on = store) =>
  limitDisk({
    store: on,
    newJobId,
    publishCancel: (id) => told.push(id),
    hostMemory: () => ({ totalMb: 1_000, availableMb: 500 }),
    diskSpace: () => Promise.resolve(space),
    now: () => now,
  });

/** A running sandbox that may have 100 MiB. */
const sandbox = (): SandboxId =>
  runningSandbox(store, now, {
    limits: { ...DEFAULT_LIMITS, disk_mb: 100 },
  });

/** A worker has measured it now. */
function measured(id: SandboxId, mib: number, files = 1): void {
  store.disk.enroll(now);
  store.disk.add(id, { bytes: 0, files: 0 }, now - 1);
  for (;;) {
    const turn = store.disk.take(now);
    if (turn === undefined) throw new Error('not due');
    if (turn.id !== id) continue;
    const use: DiskUse = { bytes: mib * MIB, files };
    store.disk.put(turn, { ...use, costMs: 1, at: now, dueAt: now + 600_000 });
    return;
  }
}

const events = (id: SandboxId): string[] =>
  store.events
    .after({ sandboxId: id }, 0, 100)
    .filter(({ type }) => type === 'disk')
    .map(({ data }) => `${String(data['level'])} ${String(data['used_mb'])}`);

/** Lets the stops that were proposed end. */
function stopAll(): void {
  for (const job of store.jobs.list({ status: 'queued', limit: 100 }).items) {
    store.jobs.abandon(job.id, { status: 'succeeded', result: {} }, now);
    const by = { actor: 'test', reason: 'test', now };
    store.sandboxes.transition(job.sandbox_id, 'exited', by);
  }
}

test('a sandbox is warned once on its way up, told when writes are refused, and when all is well again', async () => {
  const id = sandbox();
  for (const mib of [89, 90, 86, 95, 101, 97, 92, 90, 84, 90]) {
    measured(id, mib);
    await tick();
    await tick();
  }
  expect(events(id)).toEqual(['high 90', 'full 101', 'ok 84', 'high 90']);
});

test('what stays above its limit for its grace is stopped, its work ended, with the reason', async () => {
  const id = sandbox();
  measured(id, 105);
  expect((await tick()).over).toEqual([]);
  now += DISK_GRACE_MS;
  // Nobody is stopped by a measurement from before.
  expect((await tick()).over).toEqual([]);
  const [running, queued] = [
    queueExec(store, id, now),
    queueExec(store, id, now),
  ];
  store.jobs.claim(running, 'worker', now);
  measured(id, 105);
  expect((await tick()).over).toEqual([id]);
  expect(told).toEqual([running]);
  expect(store.jobs.get(queued)?.error?.message).toBe(DISK_LIMIT_REASON);
  const stop = store.jobs.mailbox(id).at(-1);
  expect(stop?.kind).toBe('stop');
  if (stop === undefined) throw new Error('no stop');
  expect(store.jobs.get(stop.id)).toMatchObject({
    requested_by: 'reaper:disk',
    payload: {
      force: true,
      if_full: {
        whose: 'sandbox',
        use: '105 of 100 MiB and 1 of 50000 files on disk',
        interrupted: 2,
      },
    },
  });
  measured(id, 105);
  expect((await tick()).over).toEqual([]);
});

test('what is far above its limit and grows is stopped at once, by bytes or by files', async () => {
  const growing: readonly (readonly [
    readonly [number, number],
    readonly [number, number],
  ])[] = [
    [
      [115, 1],
      [130, 1],
    ],
    [
      [1, 56_000],
      [1, 60_000],
    ],
  ];
  for (const [before, after] of growing) {
    const id = sandbox();
    measured(id, ...before);
    expect((await tick()).over).toEqual([]);
    now += 5_000;
    measured(id, ...after);
    expect((await tick()).over).toEqual([id]);
    stopAll();
  }
});

test('who makes room within the grace, or gets a higher limit, is left alone', async () => {
  const [one, other] = [sandbox(), sandbox()];
  for (const id of [one, other]) measured(id, 150);
  await tick();
  now += DISK_GRACE_MS;
  measured(one, 99);
  measured(other, 150);
  const limits = { ...DEFAULT_LIMITS, disk_mb: 200 };
  store.sandboxes.patch(other, { limits }, now);
  expect((await tick()).over).toEqual([]);
  expect(events(other)).toEqual(['full 150', 'ok 150']);
});

test('a sandbox that is started above its limit has its grace again', async () => {
  const id = sandbox();
  measured(id, 300);
  await tick();
  now += DISK_GRACE_MS;
  measured(id, 300);
  expect((await tick()).over).toEqual([id]);
  stopAll();
  // Started by the next request, sooner than the next tick.
  for (const event of ['start', 'ready'] as const)
    store.sandboxes.transition(id, event, {
      actor: 'test',
      reason: 'test',
      now,
    });
  measured(id, 300);
  expect((await tick()).over).toEqual([]);
  now += DISK_GRACE_MS - 1;
  measured(id, 300);
  expect((await tick()).over).toEqual([]);
  now += 1;
  measured(id, 300);
  expect((await tick()).over).toEqual([id]);
});

test('nobody is stopped by a measurement from before the clock was set back', async () => {
  const id = sandbox();
  measured(id, 150);
  now -= 2 * DISK_GRACE_MS;
  expect((await tick()).over).toEqual([]);
  expect((await tick()).over).toEqual([]);
  now += DISK_GRACE_MS;
  measured(id, 150);
  expect((await tick()).over).toEqual([id]);
});

test('what sleeps is told of, and never stopped', async () => {
  const id = sandbox();
  measured(id, 150);
  const by = { actor: 'test', reason: 'test', now };
  store.sandboxes.transition(id, 'exited', by);
  await tick();
  now += 2 * DISK_GRACE_MS;
  measured(id, 150);
  expect((await tick()).over).toEqual([]);
  expect(events(id)).toEqual(['full 150']);
});

test('a host that is short of disk has all measured, then stops those who fill it, a few at a time', async () => {
  const short = { ...ROOM, freeMb: 4_000 };
  const ids = Array.from({ length: 5 }, () =>
    runningSandbox(store, now, {
      limits: { ...DEFAULT_LIMITS, disk_mb: 100_000 },
    }),
  );
  for (const id of ids) measured(id, 1_000);
  const first = await tick(short);
  expect(first).toMatchObject({ isShort: true, wasShort: false, filling: [] });
  expect(store.disk.take(now)).toBeDefined();
  now += 5_000;
  const [idle, ...growing] = ids;
  if (idle === undefined) throw new Error('nobody');
  measured(idle, 1_000);
  for (const [index, id] of growing.entries()) measured(id, 2_000 + index);
  const most = growing.toReversed();
  expect((await tick(short)).filling).toEqual(most.slice(0, DISK_STOPS));
  expect((await tick(short)).filling).toEqual([]);
  stopAll();
  expect((await tick(short)).filling).toEqual(most.slice(DISK_STOPS));
  stopAll();
  expect((await tick(short)).filling).toEqual([]);
  const after = await tick({ ...ROOM, freeMb: 8_000 });
  expect(after).toMatchObject({ isShort: false, wasShort: true });
  expect(store.disk.space()).toMatchObject({ shortSince: null, freeMb: 8_000 });
});

test('two reapers propose one set of stops between them', async () => {
  const directory = await dataDirectory();
  store = storeIn(directory);
  const other = storeIn(directory);
  const id = sandbox();
  measured(id, 200);
  await tick();
  now += DISK_GRACE_MS;
  measured(id, 200);
  const both = await Promise.all([tick(), tick(ROOM, other)]);
  expect(both.flatMap(({ over }) => over)).toEqual([id]);
});
