import type { Answer, FakeApi } from '../test/fake-api.ts';
import { broken, fakeApi, json } from '../test/fake-api.ts';
import { ConnectionError } from './errors.ts';
import { Keys } from './keys.ts';
import { Webhooks } from './webhooks.ts';

let api: FakeApi | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

async function started(...answers: readonly Answer[]): Promise<FakeApi> {
  api = await fakeApi(...answers);
  return api;
}

const urlsOf = ({ came }: FakeApi): readonly string[] =>
  came.map(({ method, url }) => `${method} ${url}`);

it('reads deliveries page by page, and no page that nobody asks for', async () => {
  const at = await started(
    json(200, { items: [{ id: 'D2', webhook_id: 'W' }], next_cursor: 'c' }),
    json(200, { items: [{ id: 'D1', webhook_id: 'W' }], next_cursor: null }),
  );
  const deliveries = new Webhooks(at).deliveries('W');
  expect(await deliveries.next()).toMatchObject({
    value: { id: 'D2', webhookId: 'W' },
  });
  expect(at.came).toHaveLength(1);
  expect(await deliveries.next()).toMatchObject({ value: { id: 'D1' } });
  expect(await deliveries.next()).toMatchObject({ done: true });
  expect(urlsOf(at)).toEqual([
    'GET /v1/webhooks/W/deliveries?limit=200',
    'GET /v1/webhooks/W/deliveries?cursor=c&limit=200',
  ]);
});

it('makes no second webhook or key when the answer with the secret is lost', async () => {
  const at = await started(broken);
  await expect(
    new Webhooks(at).create({ url: 'https://x.example' }),
  ).rejects.toThrow(ConnectionError);
  await expect(
    new Keys(at).create({ name: 'ci', scopes: ['read'] }),
  ).rejects.toThrow(ConnectionError);
  expect(urlsOf(at)).toEqual(['POST /v1/webhooks', 'POST /v1/keys']);
});

it('asks for the keys of one tenant, and names fields as the API does', async () => {
  const at = await started(
    json(200, { id: 'K', secret: 's' }),
    json(200, { items: [{ id: 'K', made_by: 'a' }], next_cursor: null }),
  );
  const keys = new Keys(at);
  await keys.create({ name: 'ci', scopes: ['read'], expiresInSeconds: 5 });
  expect(JSON.parse(at.came[0]?.body ?? '')).toMatchObject({
    expires_in_seconds: 5,
  });
  expect(await keys.list({ tenant: 'ann' }).next()).toMatchObject({
    value: { id: 'K', madeBy: 'a' },
  });
  expect(at.came[1]?.url).toBe('/v1/keys?tenant=ann&limit=200');
});
