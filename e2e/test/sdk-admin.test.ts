import type { Connection } from '@sandboxed/sdk';
import {
  AuthenticationError,
  Keys,
  NotFoundError,
  PermissionError,
  Sandbox,
  Webhooks,
} from '@sandboxed/sdk';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { until } from '../src/stack.ts';
import type { Receiver } from '../src/webhooks/receiver.ts';
import { startReceiver } from '../src/webhooks/receiver.ts';

const TOKEN = 'operator-token-of-this-test-alone';

let stack: OwnStack;
let connection: Connection;
const receivers: Receiver[] = [];
beforeAll(async () => {
  stack = await startOwnStack({
    workers: 1,
    env: {
      SANDBOXD_API_TOKENS: `admin:${TOKEN}`,
      SANDBOXED_WEBHOOK_ALLOW: '127.0.0.1',
      SANDBOXED_WEBHOOK_HTTP: 'true',
    },
  });
  connection = { baseUrl: stack.api, token: TOKEN };
}, 60_000);
afterEach(async () => {
  const webhooks = new Webhooks(connection);
  for (const { id } of await webhooks.list()) await webhooks.delete(id);
  for (const receiver of receivers.splice(0)) await receiver.close();
});
afterAll(() => stack.close(), 60_000);

it('tells a webhook what happens until it is switched off, signed by whatever secret it has', async () => {
  const webhooks = new Webhooks(connection);
  const receiver = await startReceiver();
  receivers.push(receiver);
  const made = await webhooks.create({
    url: receiver.url,
    events: ['sandbox.created'],
  });
  receiver.secret = made.secret;
  const first = await webhooks.test(made.id);
  expect(first).toMatchObject({ webhookId: made.id, type: 'webhook.test' });
  await until('the delivery', 20_000, async () => {
    const { status } = await webhooks.delivery(made.id, first.id);
    return status === 'delivered';
  });

  receiver.secret = (await webhooks.rotate(made.id)).secret;
  await webhooks.redeliver(made.id, first.id);
  await until('it again', 20_000, () => receiver.received.length === 2);
  expect(receiver.received).toMatchObject([
    { id: first.id, isSigned: true },
    { id: first.id, isSigned: true },
  ]);

  await webhooks.update(made.id, { enabled: false });
  expect(await webhooks.get(made.id)).toMatchObject({
    status: 'disabled',
    disabledReason: 'asked',
  });
  const ids: string[] = [];
  for await (const { id } of webhooks.deliveries(made.id)) ids.push(id);
  expect(ids).toEqual([first.id]);
  await webhooks.delete(made.id);
  await expect(webhooks.get(made.id)).rejects.toThrow(NotFoundError);
}, 60_000);

it('makes a key that may do what its scopes say until it is revoked', async () => {
  const keys = new Keys(connection);
  const { id, secret } = await keys.create({
    name: 'reader',
    tenant: 'ann',
    scopes: ['read'],
  });
  const ofReader = { ...connection, token: secret };
  expect(await Sandbox.list(ofReader).next()).toMatchObject({ done: true });
  await expect(Sandbox.create(ofReader)).rejects.toThrow(PermissionError);

  await keys.revoke(id);
  await expect(Sandbox.list(ofReader).next()).rejects.toThrow(
    AuthenticationError,
  );
  expect(await keys.get(id)).toMatchObject({ status: 'revoked' });
  expect(await keys.list({ tenant: 'ann' }).next()).toMatchObject({
    value: { id, name: 'reader' },
  });
}, 60_000);
