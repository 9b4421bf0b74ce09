import type { JobId, SandboxId } from '@sandboxed/domain';
import {
  EMERGENCY_REASON,
  PRESSURE_IDLE_SECONDS,
  PRESSURE_STOPS,
  sandboxIdSchema,
} from '@sandboxed/domain';
import type { NewSandbox, Store } from '@sandboxed/store';
import { cleanUp } from '../../../libs/queue/test/support.ts';
import type { Relief } from '../src/relieve-pressure.ts';
import { relievePressure } from '../src/relieve-pressure.ts';
import { intervals } from '../src/ticks.ts';
import {
  dataDirectory,
  newJobId,
  queueExec,
  runningSandbox,
  storeIn,
} from './support.ts';

const NOW = 1_800_000_000_000;
const IDLE_SINCE = NOW - PRESSURE_IDLE_SECONDS * 1_000;
const GIB = 1_073_741_824;

afterEach(cleanUp);

/** A tick while so many percent of the host's memory are available. */
function tick(
  store: Store,
  percent: number,
  publishCancel: (id: JobId) => void = () => undefined,
): Relief {
  return relievePressure({
    store,
    newJobId,
    publishCancel,
    hostMemory: () => ({ totalMb: 1_000, availableMb: percent * 10 }),
    now: () => NOW,
  });
}

/** A running sandbox whose last sample said so much. */
function heavy(
  store: Store,
  memoryBytes: number,
  overrides: Partial<NewSandbox> = {},
): SandboxId {
  const id = runningSandbox(store, NOW, overrides);
  store.samples.put(id, {
    at: NOW,
    cpuNanos: 0,
    networkBytes: 0,
    memoryBytes,
    cpuPercent: 0,
    processes: 1,
  });
  return id;
}

/** Lets every stop that was proposed end, as a worker would. */
function stopAll(store: Store): void {
  for (const { id, kind } of store.jobs.list({ status: 'queued', limit: 100 })
    .items)
    if (kind === 'stop')
      store.jobs.abandon(id, { status: 'succeeded', result: {} }, NOW);
}

test('the band is kept in the database and moves with hysteresis', async () => {
  const store = storeIn(await dataDirectory());
  const bands = [16, 14, 19, 4, 7, 9, 19, 21].map(
    (percent) => tick(store, percent).band,
  );
  expect(bands).toEqual([
    'normal',
    'high',
    'high',
    'emergency',
    'emergency',
    'high',
    'high',
    'normal',
  ]);
  tick(store, 14);
  const another = relievePressure({
    store,
    newJobId,
    publishCancel: () => undefined,
    hostMemory: () => ({ totalMb: 1_000, availableMb: 190 }),
    now: () => NOW,
  });
  expect(another).toMatchObject({ before: 'high', band: 'high' });
  expect(store.pressure.get()).toEqual({
    band: 'high',
    availableMb: 190,
    totalMb: 1_000,
    at: NOW,
  });
});

test('while memory is short the longest idle are proposed, a few until those are done', async () => {
  const store = storeIn(await dataDirectory());
  const ids = Array.from({ length: 5 }, (_, index) =>
    runningSandbox(store, IDLE_SINCE - index, { idle_timeout_seconds: 3_600 }),
  );
  const longestFirst = ids.toReversed();
  expect(tick(store, 16).stops).toEqual([]);
  const first = tick(store, 14).stops;
  expect(first).toEqual(longestFirst.slice(0, PRESSURE_STOPS.high));
  expect(tick(store, 14).stops).toEqual([]);

  const [longest] = first;
  if (longest === undefined) throw new Error('nobody');
  const [job] = store.jobs.list({ sandboxId: longest, limit: 1 }).items;
  expect(job).toMatchObject({
    kind: 'stop',
    requested_by: 'reaper:pressure',
    payload: {
      force: false,
      if_pressed: {
        band: 'high',
        available_mb: 140,
        total_mb: 1_000,
        last_active_at: IDLE_SINCE - 4,
        interrupted: 0,
      },
    },
  });
  for (const id of first) {
    const by = { actor: 'test', reason: 'test', now: NOW };
    store.sandboxes.transition(id, 'exited', by);
  }
  stopAll(store);
  expect(tick(store, 14).stops).toEqual(longestFirst.slice(3));
});

test('while memory is short what works, is kept alive, always on or was just used is left alone', async () => {
  const store = storeIn(await dataDirectory());
  queueExec(store, runningSandbox(store, IDLE_SINCE), NOW);
  store.sandboxes.keepAlive(runningSandbox(store, IDLE_SINCE), NOW + 1);
  runningSandbox(store, IDLE_SINCE, { idle_policy: 'always_on' });
  runningSandbox(store, IDLE_SINCE + 1);
  expect(tick(store, 6).stops).toEqual([]);
});

test('a start that waits makes the longest idle go although memory is not short', async () => {
  const store = storeIn(await dataDirectory());
  const idle = runningSandbox(store, IDLE_SINCE);
  expect(tick(store, 30).stops).toEqual([]);
  store.starts.enter({
    jobId: newJobId(),
    sandboxId: runningSandbox(store, NOW),
    tenant: 'open',
    costMb: 384,
    waitingSince: NOW,
  });
  expect(tick(store, 30).stops).toEqual([idle]);
});

test('an emergency takes most memory first, always on last, and a few at a time', async () => {
  const store = storeIn(await dataDirectory());
  const always = heavy(store, 9 * GIB, { idle_policy: 'always_on' });
  const small = heavy(store, GIB);
  const large = heavy(store, 3 * GIB);
  const unknown = runningSandbox(store, NOW);
  const rounds = Array.from({ length: 3 }, () => {
    const { stops } = tick(store, 4);
    expect(tick(store, 4).stops).toEqual([]);
    for (const id of stops) {
      const by = { actor: 'test', reason: 'test', now: NOW };
      store.sandboxes.transition(id, 'exited', by);
    }
    stopAll(store);
    return stops;
  });
  expect(rounds).toEqual([[large, small], [unknown, always], []]);
});

test('an emergency goes by figures that are taken as often as the band', () => {
  const { maintenance, reaper } = intervals(30);
  expect(maintenance['weigh+disk']).toBeLessThanOrEqual(
    reaper['pressure+disk'] ?? 0,
  );
});

test('an emergency ends the work that stands before its stop, and says what for', async () => {
  const store = storeIn(await dataDirectory());
  const id = heavy(store, GIB);
  const [running, queued] = [
    queueExec(store, id, NOW),
    queueExec(store, id, NOW),
  ];
  store.jobs.claim(running, 'worker', NOW);
  const cancelled: JobId[] = [];
  tick(store, 4, (job) => cancelled.push(job));
  expect(cancelled).toEqual([running]);
  expect(store.jobs.get(running)?.cancel_requested).toBe(true);
  expect(store.jobs.get(queued)).toMatchObject({
    status: 'failed',
    error: { code: 'sandbox_not_running', message: EMERGENCY_REASON },
  });
  const [, stop] = store.jobs.mailbox(id);
  if (stop === undefined) throw new Error('no stop');
  expect(store.jobs.get(stop.id)?.payload).toMatchObject({
    force: true,
    if_pressed: { band: 'emergency', interrupted: 2 },
  });
});

test('two reapers propose one set of stops between them', async () => {
  const directory = await dataDirectory();
  const [one, other] = [storeIn(directory), storeIn(directory)];
  for (let index = 0; index < 5; index += 1)
    runningSandbox(one, IDLE_SINCE - index);
  const both = [...tick(one, 14).stops, ...tick(other, 14).stops];
  expect(both).toHaveLength(PRESSURE_STOPS.high);
});

describe('the warm pool', () => {
  const member = (store: Store): SandboxId => {
    const id = sandboxIdSchema.parse(newJobId());
    const made = { id, generation: 1, key: 'key', hostKey: '', createdAt: NOW };
    store.warmPool.plan(made, 50);
    store.warmPool.markReady(id, NOW);
    return id;
  };

  test('makes room before any sandbox does, and only once', async () => {
    const store = storeIn(await dataDirectory());
    const id = runningSandbox(store, IDLE_SINCE, { idle_timeout_seconds: 60 });
    member(store);
    expect(tick(store, 30).stops).toEqual([]);
    expect(store.warmPool.claim('key')).toBeDefined();
    member(store);
    expect(tick(store, 14).stops).toEqual([]);
    expect(store.warmPool.claim('key')).toBeUndefined();
    expect(tick(store, 14).stops).toEqual([id]);
  });

  test('goes with the first sandboxes in an emergency', async () => {
    const store = storeIn(await dataDirectory());
    const id = heavy(store, GIB);
    member(store);
    expect(tick(store, 4).stops).toEqual([id]);
    expect(store.warmPool.claim('key')).toBeUndefined();
  });
});
