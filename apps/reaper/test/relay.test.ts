import type { JobId } from '@sandboxed/domain';
import { createConsumer, createProducer } from '@sandboxed/queue';
import type { Producer } from '@sandboxed/queue';
import type { RedisServer } from '../../../libs/queue/test/redis-server.ts';
import {
  cleanUp,
  closing,
  freshRedis,
  PREFIX,
  until,
} from '../../../libs/queue/test/support.ts';
import { relay } from '../src/relay.ts';
import { trim } from '../src/trim.ts';
import {
  dataDirectory,
  queueExec,
  queueMany,
  runningSandbox,
  storeIn,
} from './support.ts';

afterEach(cleanUp);

const reach = (): void => undefined;

const producerFor = (redis: RedisServer): Producer =>
  closing(
    createProducer({
      redisUrl: redis.url,
      prefix: PREFIX,
      onError: () => undefined,
    }),
  );

test('every job ends although Redis was emptied with all of them in it', async () => {
  const redis = await freshRedis();
  const producer = producerFor(redis);
  const store = storeIn(await dataDirectory());
  // Not the time after they were made, which a slow host takes long for.
  const now = Date.now();
  const jobs = queueMany(store, 60, 20, now);
  expect(await relay(store, producer, now, reach)).toBe(0);
  expect((await producer.depths()).exec.waiting).toBe(jobs.length);
  await redis.client().flushall();
  expect((await producer.depths()).exec.waiting).toBe(0);

  const ran: JobId[] = [];
  closing(
    createConsumer({
      redisUrl: redis.url,
      prefix: PREFIX,
      class: 'exec',
      concurrency: 50,
      run: (id) => {
        const claim = store.jobs.claim(id, 'worker', Date.now());
        if (claim === undefined) return Promise.resolve();
        ran.push(id);
        store.jobs.finish(
          claim,
          { status: 'succeeded', result: { duration_ms: 0 } },
          Date.now(),
        );
        return Promise.resolve();
      },
      onError: () => undefined,
    }),
  );
  const late = await relay(store, producer, Date.now() + 4_000, reach);
  expect(late).toBe(jobs.length);
  await until(
    () => store.jobs.countByStatus().succeeded === jobs.length,
    60_000,
  );
  expect(ran.toSorted()).toEqual(jobs.toSorted());
});

test('the relay says that Redis is away, and offers what came meanwhile once it is back', async () => {
  const redis = await freshRedis();
  const producer = producerFor(redis);
  const store = storeIn(await dataDirectory());
  await relay(store, producer, Date.now(), reach);
  await redis.kill();
  await expect(relay(store, producer, Date.now(), reach)).rejects.toThrow(
    'Redis',
  );
  queueExec(store, runningSandbox(store, Date.now()), Date.now());
  await expect(relay(store, producer, Date.now(), reach)).rejects.toThrow(
    'Redis',
  );
  await redis.start();
  await until(() =>
    relay(store, producer, Date.now(), reach).then(
      () => true,
      () => false,
    ),
  );
  expect((await producer.depths()).exec.waiting).toBe(1);
});

test('trimming removes old finished jobs alone, in batches', async () => {
  const store = storeIn(await dataDirectory());
  const start = 1_800_000_000_000;
  const rest = queueMany(store, 75, 20, start);
  const sandbox = runningSandbox(store, start);
  const waiting = queueExec(store, sandbox, start);
  store.transaction(() => {
    for (const id of rest)
      store.jobs.requestCancel(id, { actor: 'test', now: start });
  });
  const keepMs = 7 * 86_400_000;
  const history = { keepMs, maxBytes: 1e9 };
  expect(await trim(store, history, start + keepMs, reach)).toBe(0);
  expect(await trim(store, history, start + keepMs + 1, reach)).toBeGreaterThan(
    4 * rest.length,
  );
  expect(store.jobs.countByStatus()).toMatchObject({ queued: 1, cancelled: 0 });
  expect(store.jobs.mailbox(sandbox)).toMatchObject([{ id: waiting }]);
});
