import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { JobClass, JobId } from '@sandboxed/domain';
import { createConsumer, createProducer } from '@sandboxed/queue';
import type { Consumer, Producer } from '@sandboxed/queue';
import {
  afterwards,
  cleanUp,
  closing,
  freshRedis,
  newJobId,
  PREFIX,
  until,
} from './support.ts';

afterEach(cleanUp);

const job = (id: JobId): { readonly id: JobId; readonly class: JobClass } => ({
  id,
  class: 'lifecycle',
});

function producer(redisUrl: string): Producer {
  return closing(
    createProducer({ redisUrl, prefix: PREFIX, onError: () => undefined }),
  );
}

function consumer(
  redisUrl: string,
  run: (id: JobId) => Promise<void>,
  concurrency = 5,
): Consumer {
  return closing(
    createConsumer({
      redisUrl,
      prefix: PREFIX,
      class: 'lifecycle',
      concurrency,
      run,
      onError: () => undefined,
    }),
  );
}

/** A gate that `run` waits at until the test opens it. */
function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

test('an id offered again is ignored while known and taken anew once it ended', async () => {
  const redis = await freshRedis();
  const { offer, depths } = producer(redis.url);
  const id = newJobId();
  const held = gate();
  afterwards(held.open);
  let runs = 0;
  await offer([job(id)]);
  await offer([job(id), job(id)]);
  expect((await depths()).lifecycle).toEqual({ waiting: 1, active: 0 });

  consumer(redis.url, async () => {
    runs += 1;
    await held.passed;
  });
  await until(() => runs === 1);
  await offer([job(id)]);
  expect((await depths()).lifecycle).toEqual({ waiting: 0, active: 1 });
  held.open();
  await until(async () => (await depths()).lifecycle.active === 0);
  expect(runs).toBe(1);

  await offer([job(id)]);
  await until(() => runs === 2);
});

test('offering again brings back what Redis lost, beside jobs that it has', async () => {
  const redis = await freshRedis();
  const { offerAgain, depths } = producer(redis.url);
  const kept = newJobId();
  const lost = newJobId();
  await offerAgain([job(kept)]);
  await offerAgain([job(kept), job(lost)]);
  expect((await depths()).lifecycle.waiting).toBe(2);
  await offerAgain([job(kept), job(lost)]);
  expect((await depths()).lifecycle.waiting).toBe(2);
  await redis.client().flushall();
  await offerAgain([job(kept), job(lost)]);
  expect((await depths()).lifecycle.waiting).toBe(2);
});

test('offering again what Redis has writes nothing', async () => {
  const redis = await freshRedis();
  const { offerAgain } = producer(redis.url);
  const jobs = Array.from({ length: 700 }, () => job(newJobId()));
  await offerAgain(jobs);
  const events = `${PREFIX}:lifecycle:events`;
  const before = await redis.client().xlen(events);
  await offerAgain(jobs);
  expect(await redis.client().xlen(events)).toBe(before);
});

test('a job whose run throws is over, and its error is reported', async () => {
  const redis = await freshRedis();
  const { offer, depths } = producer(redis.url);
  const errors: string[] = [];
  closing(
    createConsumer({
      redisUrl: redis.url,
      prefix: PREFIX,
      class: 'exec',
      concurrency: 1,
      run: () => Promise.reject(new Error('boom')),
      onError: (error) => errors.push(error.message),
    }),
  );
  await offer([{ id: newJobId(), class: 'exec' }]);
  await until(() => errors.length > 0);
  expect(errors).toEqual(['boom']);
  await until(async () => (await depths()).exec.active === 0);
  const keys = await redis.client().keys(`${PREFIX}:exec:0*`);
  expect(keys).toEqual([]);
});

test('a job of a killed process reaches another within 15 s', async () => {
  const redis = await freshRedis();
  const id = newJobId();
  const child = spawn(
    process.execPath,
    [join(__dirname, 'consumer-process.ts'), redis.url, PREFIX],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  afterwards(() => {
    child.kill('SIGKILL');
    return exited;
  });
  const lines = createInterface({ input: child.stdout });
  const took = once(lines, 'line', { signal: AbortSignal.timeout(10_000) });
  await producer(redis.url).offer([job(id)]);
  expect(await took).toEqual([`took ${id}`]);

  child.kill('SIGKILL');
  await exited;
  const seen: JobId[] = [];
  consumer(redis.url, (taken) => {
    seen.push(taken);
    return Promise.resolve();
  });
  await until(() => seen.length > 0, 15_000);
  expect(seen).toEqual([id]);
});

test('consumers go on after Redis was emptied, idle or at work', async () => {
  const redis = await freshRedis();
  const { offer, depths } = producer(redis.url);
  const held = gate();
  afterwards(held.open);
  const first = newJobId();
  const seen: JobId[] = [];
  consumer(redis.url, async (id) => {
    seen.push(id);
    if (id === first) await held.passed;
  });
  await offer([job(first)]);
  await until(() => seen.includes(first));

  await redis.client().flushall();
  const second = newJobId();
  await offer([job(second)]);
  await until(() => seen.includes(second), 5_000);

  await redis.client().flushall();
  held.open();
  const third = newJobId();
  await offer([job(third)]);
  await until(() => seen.includes(third), 5_000);
  await until(async () => (await depths()).lifecycle.active === 0);

  // All slots wait for work now.
  await redis.client().flushall();
  const many = Array.from({ length: 50 }, newJobId);
  await offer(many.map(job));
  await until(() => many.every((id) => seen.includes(id)), 5_000);
});

test('consumers and producers go on after Redis was killed and came back empty', async () => {
  const redis = await freshRedis();
  const { offer, ping } = producer(redis.url);
  const seen = new Set<JobId>();
  consumer(redis.url, (id) => {
    seen.add(id);
    return Promise.resolve();
  });
  const before = newJobId();
  await offer([job(before)]);
  await until(() => seen.has(before));

  await redis.kill();
  await expect(offer([job(newJobId())])).rejects.toThrow();
  await expect(ping()).rejects.toThrow();
  await redis.start();
  const after = newJobId();
  await until(() =>
    offer([job(after)]).then(
      () => true,
      () => false,
    ),
  );
  await until(() => seen.has(after));
});

test('a producer starts while Redis is away, says so soon, and works once it is there', async () => {
  const redis = await freshRedis();
  await redis.kill();
  const { offer, ping } = producer(redis.url);
  const asked = performance.now();
  await expect(offer([job(newJobId())])).rejects.toThrow('Redis');
  expect(performance.now() - asked).toBeLessThan(3_000);

  await redis.start();
  await until(() =>
    ping().then(
      () => true,
      () => false,
    ),
  );
  await offer([job(newJobId())]);
});

test('a silent Redis makes an offer fail within 3 s', async () => {
  const redis = await freshRedis();
  const { offer, ping } = producer(redis.url);
  await offer([job(newJobId())]);
  redis.freeze();
  afterwards(redis.thaw);
  const asked = performance.now();
  await expect(ping()).rejects.toThrow('within 1000 ms');
  expect(performance.now() - asked).toBeLessThan(1_500);
  const again = performance.now();
  await expect(offer([job(newJobId())])).rejects.toThrow();
  expect(performance.now() - again).toBeLessThan(3_000);

  redis.thaw();
  await until(() =>
    offer([job(newJobId())]).then(
      () => true,
      () => false,
    ),
  );
});

test('closing waits for what runs, but not beyond the deadline', async () => {
  const redis = await freshRedis();
  const { offer } = producer(redis.url);
  const held = gate();
  afterwards(held.open);
  let runs = 0;
  const taking = consumer(redis.url, async () => {
    runs += 1;
    await held.passed;
  });
  await offer([job(newJobId())]);
  await until(() => runs === 1);
  const asked = performance.now();
  await taking.close(200);
  expect(performance.now() - asked).toBeLessThan(3_000);

  await offer([job(newJobId())]);
  held.open();
  expect(runs).toBe(1);
});

test('what runs when a consumer is closed ends and is not delivered again', async () => {
  const redis = await freshRedis();
  const { offer, depths } = producer(redis.url);
  const held = gate();
  afterwards(held.open);
  let runs = 0;
  const taking = consumer(redis.url, async () => {
    runs += 1;
    await held.passed;
  });
  await offer([job(newJobId())]);
  await until(() => runs === 1);
  const closed = taking.close(10_000);
  held.open();
  await closed;
  expect((await depths()).lifecycle).toEqual({ waiting: 0, active: 0 });
  expect(runs).toBe(1);
});

test('closing is bounded while Redis is away', async () => {
  const redis = await freshRedis();
  const { close } = producer(redis.url);
  const taking = consumer(redis.url, () => Promise.resolve());
  await redis.kill();
  const asked = performance.now();
  await Promise.all([close(), taking.close(500)]);
  expect(performance.now() - asked).toBeLessThan(4_000);
});
