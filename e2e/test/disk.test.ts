import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Clients } from '../src/faults/clients.ts';
import { createClients } from '../src/faults/clients.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { until } from '../src/stack.ts';

/** What a neighbour's command may take while another sandbox fills its disk. Milliseconds. */
const NEIGHBOUR_MS = 3_000;

let stack: OwnStack;
let clients: Clients;
beforeAll(async () => {
  stack = await startOwnStack();
  clients = createClients(stack);
}, 120_000);
afterAll(() => stack.close(), 60_000);

const sandboxSchema = z.looseObject({
  status: z.string(),
  status_reason: z.string(),
  disk: z
    .object({
      used_mb: z.number(),
      limit_mb: z.number(),
      files: z.number(),
      files_limit: z.number(),
      measured_at: z.string(),
    })
    .optional(),
});

async function read(id: string) {
  const { body } = await clients.call('GET', `/v1/sandboxes/${id}`);
  return sandboxSchema.parse(body);
}

const small = (): Promise<string> =>
  clients.create({ limits: { disk_mb: 64, memory_mb: 256 } });

/** Runs a command to its end. */
async function run(id: string, shell: string, withinMs = 60_000) {
  return clients.ended(await clients.mark(id, shell), withinMs);
}

/** Follows a sandbox's own log until a `disk` event of that level. */
async function untilDisk(id: string, level: string): Promise<string> {
  const outgoing = request(`${stack.api}/v1/sandboxes/${id}/events?after=0`);
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [
    AsyncIterable<Buffer>,
  ];
  let text = '';
  try {
    for await (const chunk of response) {
      text += chunk.toString();
      const found = text
        .split('\n\n')
        .find(
          (frame) =>
            frame.includes('event: disk') &&
            frame.includes(`"level":"${level}"`),
        );
      if (found !== undefined) return found;
    }
  } finally {
    outgoing.destroy();
  }
  throw new Error(`the log ended without ${level}`);
}

/** Why it was stopped, once it is. */
const untilStopped = (id: string): Promise<string> =>
  until(`${id} to be stopped`, 150_000, async () => {
    const { status, status_reason } = await read(id);
    return status === 'stopped' ? status_reason : undefined;
  });

/** One try to write a file through the API. */
const put = (id: string) =>
  clients.call('PUT', `/sandbox/${id}/files`, { path: 'f.txt', content: 'x' });

const untilWritable = (id: string): Promise<true> =>
  until(`${id} to take files`, 60_000, async () =>
    (await put(id)).status === 200 ? true : undefined,
  );

/** The slowest of a neighbour's commands until `work` is done. */
async function slowestWhile(work: Promise<unknown>): Promise<number> {
  const neighbour = await small();
  const over = new AbortController();
  const done = work.finally(() => {
    over.abort();
  });
  let slowest = 0;
  do {
    const startedAt = performance.now();
    const { status } = await run(neighbour, 'true');
    expect(status).toBe('succeeded');
    slowest = Math.max(slowest, performance.now() - startedAt);
    // Between two samples: without it they would be the load themselves.
    await pause(500);
  } while (!over.signal.aborted);
  await done;
  return slowest;
}

it('warns a sandbox that fills its disk, refuses its writes, stops it, and lets it make room', async () => {
  const id = await small();
  const story = async (): Promise<void> => {
    await run(id, 'head -c 61M /dev/zero > f');
    expect(await untilDisk(id, 'high')).toContain('"limit_mb":64');
    await run(id, 'head -c 5M /dev/zero > g');
    expect(await untilDisk(id, 'full')).toContain('writes through the API');
    expect(await put(id)).toMatchObject({
      status: 507,
      body: { code: 'disk_full' },
    });
    // Commands go on: they are how room is made.
    expect((await run(id, 'true')).status).toBe('succeeded');
    expect(await untilStopped(id)).toMatch(/^disk_limit: .*of 64 MiB/);
  };
  expect(await slowestWhile(story())).toBeLessThan(NEIGHBOUR_MS);
  const removed = await run(id, 'rm f g');
  expect(removed.status).toBe('succeeded');
  await untilWritable(id);
  expect(await untilDisk(id, 'ok')).toContain('"used_mb"');
  const { status, disk } = await read(id);
  expect(status).toBe('running');
  expect(disk?.used_mb).toBeLessThan(10);
}, 300_000);

it('stops a sandbox that goes on filling, far above its limit, and ends its command with the reason', async () => {
  const id = await small();
  const filling = await clients.mark(
    id,
    'i=0; while head -c 20M /dev/zero > f$i; do i=$((i+1)); sleep 1; done',
  );
  const ended = await clients.ended(filling, 120_000);
  expect(ended).toMatchObject({
    status: 'failed',
    error: {
      code: 'sandbox_not_running',
      message: expect.stringContaining('disk_limit') as unknown,
    },
  });
  expect(await untilStopped(id)).toMatch(/^disk_limit/);
}, 180_000);

it('holds a sandbox to its files as to its bytes', async () => {
  const id = await small();
  const bomb = run(id, 'mkdir d && cd d && seq 52000 | xargs touch', 120_000);
  const story = async (): Promise<void> => {
    await bomb;
    await untilDisk(id, 'full');
    expect(await put(id)).toMatchObject({
      status: 507,
      body: { code: 'disk_full' },
    });
    await run(id, 'rm -rf d', 120_000);
    await untilWritable(id);
  };
  expect(await slowestWhile(story())).toBeLessThan(NEIGHBOUR_MS);
  const { status, disk } = await read(id);
  expect([status, disk?.files_limit]).toEqual(['running', 50_000]);
}, 240_000);
