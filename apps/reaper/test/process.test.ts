import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTicker } from '@sandboxed/queue';
import type { RedisServer } from '../../../libs/queue/test/redis-server.ts';
import {
  afterwards,
  cleanUp,
  closing,
  freshRedis,
  PREFIX,
  until,
} from '../../../libs/queue/test/support.ts';
import { dataDirectory, runningSandbox, storeIn } from './support.ts';

afterEach(cleanUp);

function reaper(redis: RedisServer, directory: string): ChildProcess {
  const child = spawn(process.execPath, [join(__dirname, '../src/main.ts')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      SANDBOXED_DATA_DIR: directory,
      SANDBOXED_REDIS_URL: `unix://${redis.url}`,
      SANDBOXED_REDIS_PREFIX: PREFIX,
      SANDBOXED_REAP_INTERVAL_SECONDS: '1',
      SANDBOXED_HEALTH_FILE: join(directory, 'healthy'),
    },
  });
  afterwards(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  });
  return child;
}

/** When the last relay tick was, by the health file. */
const healthyAt = (directory: string): Promise<number> =>
  readFile(join(directory, 'healthy'), 'utf8').then(Number, () => 0);

test('the process proposes, asks for samples, outlives an emptied Redis and ends when told', async () => {
  const redis = await freshRedis();
  const directory = await dataDirectory();
  await mkdir(join(directory, 'db'));
  const store = storeIn(join(directory, 'db'), directory);
  const idle = runningSandbox(store, Date.now() - 120_000);
  const maintenance: string[] = [];
  closing(
    createTicker({
      redisUrl: redis.url,
      prefix: PREFIX,
      queue: 'maintenance',
      run: (name) => {
        maintenance.push(name);
        return Promise.resolve();
      },
      onError: () => undefined,
    }),
  );
  const child = reaper(redis, directory);
  await until(() => store.jobs.mailbox(idle).length === 1);
  await until(
    () => maintenance.includes('sample') && maintenance.includes('reconcile'),
  );
  await until(async () => (await healthyAt(directory)) > 0);

  await redis.client().flushall();
  const emptied = Date.now();
  const heard = maintenance.length;
  await until(async () => (await healthyAt(directory)) > emptied, 10_000);
  await until(() => maintenance.length > heard, 10_000);

  await redis.kill();
  await redis.start();
  const restarted = Date.now();
  await until(async () => (await healthyAt(directory)) > restarted, 15_000);

  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(store.jobs.mailbox(idle)).toHaveLength(1);
});

test('the process starts and ends while Redis is away', async () => {
  const redis = await freshRedis();
  await redis.kill();
  const directory = await dataDirectory();
  const child = reaper(redis, directory);
  const key = join(directory, 'db', 'sandboxed.sqlite');
  await until(() =>
    readFile(key).then(
      () => true,
      () => false,
    ),
  );
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});
