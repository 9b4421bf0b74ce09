import Database from 'better-sqlite3';
import { z } from 'zod';
import type { Clients } from '../src/faults/clients.ts';
import { createClients } from '../src/faults/clients.ts';
import { heldAt } from '../src/faults/held-at.ts';
import { docker } from '../src/own-stack/docker.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { until } from '../src/stack.ts';

let stack: OwnStack;
let clients: Clients;
beforeAll(async () => {
  stack = await startOwnStack();
}, 60_000);
beforeEach(() => {
  clients = createClients(stack);
});
afterAll(() => stack.close(), 60_000);

const holderSchema = z
  .object({ id: z.string(), worker_id: z.string(), fence: z.number() })
  .optional();

/** Who holds or held the newest command of a sandbox; with `speaking` only while it runs, and once its output is on record. */
function holderOf(sandboxId: string, { speaking = false } = {}) {
  const db = new Database(stack.database, { readonly: true, timeout: 10_000 });
  try {
    return holderSchema.parse(
      db
        .prepare(
          `SELECT id, worker_id, fence FROM jobs AS j WHERE sandbox_id = ? AND kind = 'exec' AND worker_id IS NOT NULL
             AND (? = 0 OR status = 'running' AND EXISTS (SELECT 1 FROM events WHERE job_id = j.id AND type = 'stdout'))
           ORDER BY rowid DESC LIMIT 1`,
        )
        .get(sandboxId, speaking ? 1 : 0),
    );
  } finally {
    db.close();
  }
}

/** A held command that the api runs and has output of, and the promise of its job. */
async function begun(id: string, shell: string) {
  const job = clients.markHeld(id, `echo begun; ${shell}`);
  const holder = await until('its output', 10_000, () =>
    Promise.resolve(holderOf(id, { speaking: true })),
  );
  expect(holder.worker_id).toMatch(/^api-/);
  return { job, holder };
}

const system = async () =>
  z
    .looseObject({ workers: z.array(z.unknown()) })
    .parse((await clients.call('GET', '/v1/system')).body);

it('answers without Redis, and is no worker', async () => {
  const id = await clients.create();
  await stack.child('redis').down('SIGKILL');
  try {
    const { status, body } = await clients.call(
      'POST',
      `/sandbox/${id}/exec?wait=20`,
      { shell: 'echo told' },
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({ stdout: 'told\n' });
    expect(holderOf(id)?.worker_id).toMatch(/^api-/);
  } finally {
    stack.child('redis').up();
  }
  await stack.ready();
  expect((await system()).workers).toHaveLength(2);
  expect(await clients.violations()).toEqual([]);
}, 60_000);

it('goes on with a worker when the api goes away, and is ended once', async () => {
  const id = await clients.create();
  const { job } = await begun(id, 'sleep 3; echo end');
  await stack.child('api').down('SIGTERM');
  stack.child('api').up();
  const ended = await clients.ended(await job);
  expect(ended).toMatchObject({
    status: 'succeeded',
    result: { stdout: 'begun\nend\n' },
  });
  expect(holderOf(id)).toMatchObject({
    ...{ fence: 2, worker_id: expect.not.stringMatching(/^api-/) },
  });
  await clients.follow(ended.id);
  expect(await clients.violations()).toEqual([]);
}, 60_000);

it('goes on with a worker when the api is held past its lease, and the api writes nothing when it wakes up', async () => {
  const id = await clients.create();
  await stack.arm('exec.output', 'SIGSTOP');
  const job = clients.markHeld(
    id,
    'for i in 1 2 3 4; do echo $i; sleep 3; done',
  );
  const goOn = await heldAt(stack, 'exec.output');
  await until('a worker', 20_000, () =>
    Promise.resolve(holderOf(id)?.fence === 2 ? true : undefined),
  );
  goOn();
  const ended = await clients.ended(await job);
  expect(ended).toMatchObject({
    status: 'succeeded',
    result: { stdout: '1\n2\n3\n4\n' },
  });
  expect(await clients.violations()).toEqual([]);
}, 90_000);

it('is ended by a cancel, and by a stop that does not wait', async () => {
  const id = await clients.create();
  const first = await begun(id, 'sleep 300');
  const { status } = await clients.call(
    ...(['POST', `/v1/jobs/${first.holder.id}/cancel`, {}] as const),
  );
  expect(status).toBe(202);
  expect((await clients.ended(await first.job)).status).toBe('cancelled');

  const second = await begun(id, 'sleep 300');
  const stop = await clients.submit(
    ...(['stop', id, 'POST', `/v1/sandboxes/${id}/stop`] as const),
    { force: true },
  );
  expect((await clients.ended(stop)).status).toBe('succeeded');
  expect((await clients.ended(await second.job)).status).toBe('cancelled');
  expect(await clients.violations()).toEqual([]);
}, 60_000);

it('is told that its sandbox stopped when somebody kills the container', async () => {
  const id = await clients.create();
  const { job } = await begun(id, 'sleep 300');
  await docker('kill', `s-${id.toLowerCase()}`);
  expect(await clients.ended(await job)).toMatchObject({
    status: 'failed',
    error: { code: 'sandbox_not_running' },
  });
  expect(await clients.violations()).toEqual([]);
}, 60_000);
