import type { CrashPoint } from '@sandboxed/domain';
import { z } from 'zod';
import type { Clients } from '../src/faults/clients.ts';
import { createClients } from '../src/faults/clients.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { until } from '../src/stack.ts';
import type { Receiver } from '../src/webhooks/receiver.ts';
import { startReceiver } from '../src/webhooks/receiver.ts';

let stack: OwnStack;
let clients: Clients;
const receivers: Receiver[] = [];
beforeAll(async () => {
  stack = await startOwnStack({
    workers: 1,
    env: {
      SANDBOXED_WEBHOOK_ALLOW: '127.0.0.1',
      SANDBOXED_WEBHOOK_HTTP: 'true',
    },
  });
  clients = createClients(stack);
}, 60_000);
afterEach(async () => {
  for (const { id } of await listed('/v1/webhooks', hookSchema))
    await clients.call('DELETE', `/v1/webhooks/${id}`);
  for (const receiver of receivers.splice(0)) await receiver.close();
});
afterAll(() => stack.close(), 60_000);

const hookSchema = z.looseObject({
  id: z.string(),
  secret: z.string().optional(),
});
const deliverySchema = z.looseObject({
  status: z.string(),
  attempts: z.number(),
  error: z.string().nullable(),
});

async function listed<T extends z.ZodType>(
  path: string,
  schema: T,
): Promise<readonly z.output<T>[]> {
  const { body } = await clients.call('GET', path);
  return z.object({ items: z.array(schema) }).parse(body).items;
}

/** A webhook of a receiver of its own. */
async function hooked(
  options: { readonly stalls?: boolean } = {},
): Promise<Receiver & { readonly id: string }> {
  const receiver = await startReceiver(options);
  receivers.push(receiver);
  const { url } = receiver;
  const made = await clients.call('POST', '/v1/webhooks', { url });
  const { id, secret = '' } = hookSchema.parse(made.body);
  receiver.secret = secret;
  return Object.assign(receiver, { id });
}

const heard = ({ received }: Receiver, type: string, sandbox: string): number =>
  received.filter(
    (each) => each.type === type && each.data.sandbox_id === sandbox,
  ).length;

it('tells of a sandbox from its first to its last day, each time signed', async () => {
  const hook = await hooked();
  const id = await clients.create();
  await clients.ended(
    await clients.submit('stop', id, 'POST', `/v1/sandboxes/${id}/stop`, {}),
  );
  await clients.ended(
    await clients.submit('delete', id, 'DELETE', `/sandbox/${id}`),
  );
  await until(
    'the last day to be told',
    20_000,
    () => heard(hook, 'sandbox.deleted', id) === 1,
  );
  expect(hook.received.map(({ type }) => type)).toEqual([
    'sandbox.created',
    'sandbox.started',
    'sandbox.stopped',
    'sandbox.deleted',
  ]);
  expect(hook.received.filter(({ isSigned }) => !isSigned)).toEqual([]);
}, 60_000);

const POINTS = [
  'webhook.planned',
  'webhook.claimed',
  'webhook.sent',
] as const satisfies readonly CrashPoint[];

it.each(POINTS)(
  'loses nothing when its process is killed at %s',
  async (point) => {
    const hook = await hooked();
    const died = stack.exits.length;
    await stack.arm(point);
    const id = await clients.create();
    await until('the reaper to die', 40_000, () => stack.exits.length > died);
    // What was sent and not written down is sent again, under the id that tells so.
    const tries = () =>
      hook.received.filter(({ data }) => data.sandbox_id === id);
    const expected = point === 'webhook.sent' ? 3 : 2;
    await until('all tries', 40_000, () => tries().length >= expected);
    expect(tries()).toHaveLength(expected);
    expect(new Set(tries().map((each) => each.id)).size).toBe(2);
    expect(stack.exits.slice(died)).toMatchObject([
      { name: 'reaper', signal: 'SIGKILL' },
    ]);
  },
  120_000,
);

it('holds nobody up for a receiver that never answers', async () => {
  const stalled = await hooked({ stalls: true });
  const hook = await hooked();
  for (let n = 0; n < 10; n += 1)
    await clients.call('POST', `/v1/webhooks/${stalled.id}/test`, {});
  await until('a stall', 20_000, () => stalled.received.length > 0);
  const startedAt = performance.now();
  await clients.call('POST', `/v1/webhooks/${hook.id}/test`, {});
  await until('the test', 20_000, () => hook.received.length === 1);
  expect(performance.now() - startedAt).toBeLessThan(8_000);
}, 60_000);

it('connects to no address of the inside, and says so in the log of deliveries', async () => {
  const made = await clients.call('POST', '/v1/webhooks', {
    url: 'http://169.254.169.254/latest/meta-data/',
  });
  const { id } = hookSchema.parse(made.body);
  await clients.call('POST', `/v1/webhooks/${id}/test`, {});
  const path = `/v1/webhooks/${id}/deliveries`;
  await until('the try to fail', 20_000, async () =>
    (await listed(path, deliverySchema)).some(({ error }) => error !== null),
  );
  expect(await listed(path, deliverySchema)).toMatchObject([
    {
      status: 'pending',
      attempts: 1,
      error: expect.stringContaining('not delivered to'),
    },
  ]);
}, 60_000);
