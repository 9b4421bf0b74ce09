import Database from 'better-sqlite3';
import { z } from 'zod';
import type { Clients } from '../src/faults/clients.ts';
import { createClients } from '../src/faults/clients.ts';
import { crashAt, diedAt } from '../src/faults/run-lanes.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { WEB_SERVICE, preview, until } from '../src/stack.ts';

let stack: OwnStack;
let clients: Clients;
beforeAll(async () => {
  stack = await startOwnStack();
  // Past its age: something for the reaper to trim at its first round, a minute after the start.
  const db = new Database(stack.database, { timeout: 10_000 });
  db.exec(
    "INSERT INTO idempotency (owner, key, response, at) VALUES ('o', 'k', '{}', 0)",
  );
  db.close();
  await stack.arm('trim.batch');
}, 60_000);
beforeEach(() => {
  clients = createClients(stack);
});
afterAll(() => stack.close(), 60_000);

const sandboxSchema = z.looseObject({
  status: z.string(),
  preview_urls: z.record(z.string(), z.string()),
});
const sandbox = async (id: string) =>
  sandboxSchema.parse((await clients.call('GET', `/sandbox/${id}`)).body);

describe('SIGKILL of the api', () => {
  it.each(['api.received', 'api.committed'] as const)(
    'at %s: the same request again makes one job, which runs once',
    async (point) => {
      const id = await clients.create();
      const job = await crashAt(stack, point, () => clients.mark(id));
      expect((await clients.ended(job)).status).toBe('succeeded');
      const list = await clients.call(
        'GET',
        `/v1/jobs?sandbox_id=${id}&kind=exec`,
      );
      expect(list.body).toMatchObject({ items: [{ id: job }] });
      expect(await clients.violations()).toEqual([]);
    },
    60_000,
  );

  it('after a file was written, before anybody was told: the same call again succeeds', async () => {
    const id = await clients.create();
    await crashAt(stack, 'api.file_changed', () =>
      clients.put(id, 'a/b', 'content'),
    );
    expect(await clients.violations()).toEqual([]);
  }, 90_000);

  it.each(['wake.submitted', 'wake.listening', 'wake.opened'] as const)(
    'at %s: the next request to the app gets its answer',
    async (point) => {
      const id = await clients.create();
      await clients.ended(
        await clients.submit(
          'service',
          id,
          'PUT',
          `/sandbox/${id}/services/web`,
          WEB_SERVICE,
        ),
      );
      await clients.ended(
        await clients.submit(
          'stop',
          id,
          'POST',
          `/v1/sandboxes/${id}/stop`,
          {},
        ),
      );
      const url = (await sandbox(id)).preview_urls['3000'] ?? '';
      const ask = () =>
        preview(url, { port: stack.edgePort, timeoutMs: 15_000 }).catch(
          () => undefined,
        );
      const first = await crashAt(stack, point, ask);
      expect(first?.status).not.toBe(200);
      const answer = await until('the app', 20_000, async () => {
        const got = await ask();
        return got?.status === 200 ? got : undefined;
      });
      expect(answer.text).toContain('GET /');
      expect(await clients.violations()).toEqual([]);
    },
    90_000,
  );
});

describe('SIGKILL of the reaper', () => {
  it.each(['relay.read', 'relay.offered'] as const)(
    'at %s: what nobody offered is offered',
    async (point) => {
      const id = await clients.create();
      for (const worker of stack.workers()) await worker.down('SIGKILL');
      const job = await crashAt(stack, point, () => clients.mark(id));
      for (const worker of stack.workers()) worker.up();
      expect((await clients.ended(job)).status).toBe('succeeded');
      expect(await clients.violations()).toEqual([]);
    },
    60_000,
  );

  it.each(['reaper.committed', 'idle.proposed'] as const)(
    'at %s: what is idle is stopped, once',
    async (point) => {
      const id = await crashAt(
        stack,
        point,
        () => clients.create({ idle_timeout_seconds: 5 }),
        25_000,
      );
      await until('the stop', 20_000, async () =>
        (await sandbox(id)).status === 'stopped' ? true : undefined,
      );
      const list = await clients.call(
        'GET',
        `/v1/jobs?sandbox_id=${id}&kind=stop`,
      );
      expect(list.body).toMatchObject({ items: [{ status: 'succeeded' }] });
      expect(await clients.violations()).toEqual([]);
    },
    60_000,
  );

  it('between two batches of a trim: the next round goes on', async () => {
    await diedAt(stack, 'trim.batch', 90_000);
    const id = await clients.create();
    expect((await clients.ended(await clients.mark(id))).status).toBe(
      'succeeded',
    );
    expect(await clients.violations()).toEqual([]);
  }, 120_000);
});
