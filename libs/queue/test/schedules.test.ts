import { createSchedules, createTicker } from '@sandboxed/queue';
import type { Schedules } from '@sandboxed/queue';
import type { RedisServer } from './redis-server.ts';
import { cleanUp, closing, freshRedis, PREFIX, until } from './support.ts';

afterEach(cleanUp);

function schedules(
  redis: RedisServer,
  ticks: Readonly<Record<string, number>>,
): Schedules {
  return closing(
    createSchedules({
      redisUrl: redis.url,
      prefix: PREFIX,
      queue: 'reaper',
      ticks,
      onError: () => undefined,
    }),
  );
}

function ticker(
  redis: RedisServer,
  run: (name: string) => Promise<void>,
): void {
  closing(
    createTicker({
      redisUrl: redis.url,
      prefix: PREFIX,
      queue: 'reaper',
      run,
      onError: () => undefined,
    }),
  );
}

/** Name and time of the next tick of each schedule. */
async function planned(
  redis: RedisServer,
): Promise<Readonly<Record<string, number>>> {
  const flat = await redis
    .client()
    .zrange(`${PREFIX}:reaper:repeat`, '0', '-1', 'WITHSCORES');
  const plan: Record<string, number> = {};
  for (let at = 0; at < flat.length; at += 2)
    plan[String(flat[at])] = Number(flat[at + 1]);
  return plan;
}

const HOUR = 3_600_000;

test('ensuring again moves nothing, removes what is not wanted and takes over a new interval', async () => {
  const redis = await freshRedis();
  await schedules(redis, { idle: HOUR, old: HOUR }).ensure();
  const ran = new Set<string>();
  ticker(redis, (name) => {
    ran.add(name);
    return Promise.resolve();
  });
  await until(() => ran.size === 2);
  await until(async () => (await planned(redis))['idle'] !== undefined);
  const before = (await planned(redis))['idle'];

  const wanted = schedules(redis, { idle: HOUR, trim: 2 * HOUR });
  await wanted.ensure();
  await wanted.ensure();
  const after = await planned(redis);
  expect(Object.keys(after).sort()).toEqual(['idle', 'trim']);
  expect(after['idle']).toBe(before);

  await schedules(redis, { idle: HOUR / 2, trim: 2 * HOUR }).ensure();
  const every = await redis
    .client()
    .hget(`${PREFIX}:reaper:repeat:idle`, 'every');
  expect(every).toBe(String(HOUR / 2));
});

test('ensuring what stands asks Redis two questions, however many schedules there are', async () => {
  const redis = await freshRedis();
  const client = redis.client();
  const wanted = schedules(redis, { idle: HOUR, trim: HOUR, disk: HOUR });
  const asked = async (): Promise<number> =>
    Number(/total_commands_processed:(\d+)/.exec(await client.info())?.[1]);
  await wanted.ensure();
  const before = await asked();
  await wanted.ensure();
  // With the question about the number itself.
  expect((await asked()) - before).toBe(3);
});

test('ticks go on after Redis was emptied and after it was restarted empty', async () => {
  const redis = await freshRedis();
  const wanted = schedules(redis, { relay: 100 });
  let ticks = 0;
  ticker(redis, (name) => {
    if (name === 'relay') ticks += 1;
    return Promise.resolve();
  });
  await wanted.ensure();
  await until(() => ticks >= 3);

  await redis.client().flushall();
  await wanted.ensure();
  const seen = ticks;
  await until(() => ticks >= seen + 3, 5_000);

  await redis.kill();
  await redis.start();
  await until(() =>
    wanted.ensure().then(
      () => true,
      () => false,
    ),
  );
  const then = ticks;
  await until(() => ticks >= then + 3, 10_000);
});

test('a schedule whose next tick was lost is mended', async () => {
  const redis = await freshRedis();
  const wanted = schedules(redis, { relay: 50 });
  await wanted.ensure();
  const [next] = Object.values(await planned(redis));
  const client = redis.client();
  await client.del(
    `${PREFIX}:reaper:repeat:relay:${String(next)}`,
    `${PREFIX}:reaper:wait`,
    `${PREFIX}:reaper:delayed`,
  );
  let ticks = 0;
  ticker(redis, () => {
    ticks += 1;
    return Promise.resolve();
  });
  await wanted.ensure();
  await until(() => ticks >= 3, 5_000);
});

test('ticks go on within their interval after the clock was set back', async () => {
  const redis = await freshRedis();
  const wanted = schedules(redis, { relay: 200 });
  const clock = jest.spyOn(Date, 'now');
  const real = performance.timeOrigin + performance.now();
  const began = performance.now();
  const at = (shift: number) => () =>
    Math.round(real + performance.now() - began + shift);
  clock.mockImplementation(at(HOUR));
  try {
    let ticks = 0;
    ticker(redis, () => {
      ticks += 1;
      return Promise.resolve();
    });
    await wanted.ensure();
    await until(() => ticks >= 2);
    clock.mockImplementation(at(0));
    await wanted.ensure();
    const seen = ticks;
    await until(() => ticks >= seen + 3, 5_000);
  } finally {
    clock.mockRestore();
  }
});

test('what was missed while nobody took ticks comes as one tick', async () => {
  const redis = await freshRedis();
  await schedules(redis, { trim: HOUR }).ensure();
  const client = redis.client();
  expect(await client.llen(`${PREFIX}:reaper:wait`)).toBe(1);
  await schedules(redis, { trim: HOUR }).ensure();
  expect(await client.llen(`${PREFIX}:reaper:wait`)).toBe(1);
});

test('a fired tick waits once, also behind one that runs, and can be fired again', async () => {
  const redis = await freshRedis();
  const wanted = schedules(redis, {});
  let open = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    open = resolve;
  });
  let runs = 0;
  ticker(redis, async () => {
    runs += 1;
    if (runs === 1) await held;
  });
  await wanted.fire('reconcile');
  await until(() => runs === 1);
  await wanted.fire('reconcile');
  await wanted.fire('reconcile');
  await wanted.fire('reconcile');
  open();
  await until(() => runs === 2);
  const idle = async (): Promise<boolean> =>
    (await redis.client().llen(`${PREFIX}:reaper:active`)) === 0;
  await until(idle);
  expect(runs).toBe(2);
  await wanted.fire('reconcile');
  await until(() => runs === 3);
});

test('a tick that fails is reported and followed by the next', async () => {
  const redis = await freshRedis();
  await schedules(redis, { idle: 50 }).ensure();
  let runs = 0;
  ticker(redis, () => {
    runs += 1;
    return Promise.reject(new Error('boom'));
  });
  await until(() => runs >= 3);
});
