import { setTimeout as pause } from 'node:timers/promises';
import { Queue } from 'bullmq';
import type { Clients } from '../src/faults/clients.ts';
import { createClients } from '../src/faults/clients.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';

let stack: OwnStack;
let clients: Clients;
beforeAll(async () => {
  stack = await startOwnStack();
}, 60_000);
beforeEach(() => {
  clients = createClients(stack);
});
afterAll(() => stack.close(), 60_000);

const ACCEPT_MS = 5_000;

/** Submits a command and says how long that took. */
async function timed(id: string): Promise<{ job: string; ms: number }> {
  const beganAt = performance.now();
  const job = await clients.mark(id);
  return { job, ms: performance.now() - beganAt };
}

it('accepts and keeps all work while Redis is silent, gone and then empty for a minute, and does it within seconds of its return', async () => {
  const [id, other] = [await clients.create(), await clients.create()];
  const redis = stack.child('redis');
  const accepted: { job: string; ms: number }[] = [];

  redis.signal('SIGSTOP');
  accepted.push(await timed(id));
  await pause(25_000);
  accepted.push(await timed(id));
  await redis.down('SIGKILL');
  accepted.push(await timed(id));
  const stopped = await clients.submit(
    'stop',
    other,
    'POST',
    `/v1/sandboxes/${other}/stop`,
    {},
  );
  await pause(25_000);
  accepted.push(await timed(id));
  await stack.emptyRedis();

  for (const { job, ms } of accepted) {
    expect(ms).toBeLessThan(ACCEPT_MS);
    expect((await clients.ended(job)).status).toBe('succeeded');
    await clients.follow(job);
  }
  expect((await clients.ended(stopped)).status).toBe('succeeded');
  expect(await clients.violations()).toEqual([]);
}, 150_000);

it('does all work although Redis is killed again and again', async () => {
  const id = await clients.create();
  const jobs: string[] = [];
  for (let round = 0; round < 5; round += 1) {
    const batch = [1, 2, 3, 4].map(() => clients.mark(id, 'sleep 0.2'));
    await stack.child('redis').kill();
    jobs.push(...(await Promise.all(batch)));
    await pause(500);
  }
  const ends = await Promise.all(
    jobs.map(async (job) => {
      await clients.follow(job);
      return clients.ended(job);
    }),
  );
  expect(ends.filter(({ status }) => status !== 'succeeded')).toEqual([]);
  expect(await clients.violations()).toEqual([]);
}, 90_000);

it('does a job once however often it is delivered', async () => {
  const id = await clients.create();
  const queue = new Queue('exec', {
    connection: { port: stack.redisPort },
    prefix: 'sandboxed',
  });
  try {
    const jobs = await Promise.all(
      [1, 2, 3, 4, 5].map(() => clients.mark(id, 'echo out; sleep 1')),
    );
    const again = jobs.flatMap((job) =>
      Array.from({ length: 40 }, (_, copy) => ({
        name: 'exec',
        data: { id: job },
        opts: { jobId: `copy-${job}-${copy}` },
      })),
    );
    await queue.addBulk(again);
    for (const job of jobs) {
      await clients.follow(job);
      expect(await clients.ended(job)).toMatchObject({
        status: 'succeeded',
        attempts: 1,
      });
    }
    await queue.addBulk(again.slice(0, 50));
    expect(await clients.violations()).toEqual([]);
  } finally {
    await queue.close();
  }
}, 60_000);
