import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanUp, listen, running, world } from './support.ts';

afterEach(cleanUp);

const TOKENS = {
  SANDBOXD_API_TOKENS:
    'ann:annannannannannann,bob:bobbobbobbobbobbob,admin:adminadminadminadm',
};
const ANN = { authorization: 'Bearer annannannannannann' };
const BOB = { authorization: 'Bearer bobbobbobbobbobbob' };
const ADMIN = { authorization: 'Bearer adminadminadminadm' };
const URL_ = 'https://hooks.example/in?a=b';

async function served(settings: Readonly<Record<string, string>> = {}) {
  const deps = await world({ ...TOKENS, ...settings });
  return { deps, api: await listen(deps) };
}

it('shows the secret once: not in lists, not in the log, not on disk', async () => {
  const { deps, api } = await served();
  const made = await api('POST /v1/webhooks', { url: URL_ }, ANN);
  expect(made.status).toBe(201);
  expect(made.headers.get('cache-control')).toBe('no-store');
  const { id, secret } = made.body;
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const list = await api('GET /v1/webhooks', undefined, ANN);
  const one = await api(`GET /v1/webhooks/${String(id)}`, undefined, ANN);
  expect(one.body).toMatchObject({
    url: URL_,
    tenant: 'ann',
    status: 'enabled',
  });
  const hidden = String(secret).slice('whsec_'.length);
  for (const text of [list.text, one.text, deps.log.join('')])
    expect(text).not.toContain(hidden);
  for (const name of readdirSync(deps.dataDir))
    expect(readFileSync(join(deps.dataDir, name)).includes(hidden)).toBe(false);
  const key = { ...ANN, 'Idempotency-Key': 'a' };
  expect((await api('POST /v1/webhooks', { url: URL_ }, key)).status).toBe(400);
});

it("is its tenant's alone, in every call", async () => {
  const { api } = await served();
  const made = await api('POST /v1/webhooks', { url: URL_ }, ANN);
  const path = `/v1/webhooks/${String(made.body['id'])}`;
  const sent = await api(`POST ${path}/test`, {}, ANN);
  expect(sent.status).toBe(202);
  const delivery = `${path}/deliveries/${String(sent.body['id'])}`;
  for (const [call, body] of [
    [`GET ${path}`],
    [`PATCH ${path}`, { enabled: false }],
    [`DELETE ${path}`],
    [`POST ${path}/rotate-secret`, {}],
    [`POST ${path}/test`, {}],
    [`GET ${path}/deliveries`],
    [`GET ${delivery}`],
    [`POST ${delivery}/redeliver`, {}],
  ] as const) {
    const answer = await api(call, body, BOB);
    expect([call, answer.status, answer.body['code']]).toEqual([
      call,
      404,
      'webhook_not_found',
    ]);
  }
  const { body } = await api('GET /v1/webhooks', undefined, BOB);
  expect(body['items']).toEqual([]);
  expect((await api(`GET ${path}`, undefined, ADMIN)).status).toBe(200);
  expect((await api(`POST ${delivery}/redeliver`, {}, ANN)).status).toBe(202);
});

it('refuses what cannot be a receiver, and a tenth webhook too many', async () => {
  const { deps, api } = await served();
  for (const url of ['http://hooks.example/', 'https://a:b@hooks.example/'])
    expect((await api('POST /v1/webhooks', { url }, ANN)).body).toMatchObject({
      code: 'invalid_request',
      errors: [{ path: '/url' }],
    });
  for (let n = 0; n < 10; n += 1)
    await api('POST /v1/webhooks', { url: URL_ }, ANN);
  const more = await api('POST /v1/webhooks', { url: URL_ }, ANN);
  expect(more.status).toBe(403);
  expect(more.body['quota']).toEqual({ name: 'webhooks', used: 10, limit: 10 });
  expect(deps.store.webhooks.count('ann')).toBe(10);
  expect((await api('POST /v1/webhooks', { url: URL_ }, BOB)).status).toBe(201);
});

it('takes http where that is allowed', async () => {
  const { api } = await served({ SANDBOXED_WEBHOOK_HTTP: 'true' });
  const url = 'http://hooks.example/';
  expect((await api('POST /v1/webhooks', { url }, ANN)).status).toBe(201);
});

it('is switched off and on, and sends nothing meanwhile', async () => {
  const { deps, api } = await served();
  const made = await api('POST /v1/webhooks', { url: URL_ }, ANN);
  const path = `/v1/webhooks/${String(made.body['id'])}`;
  const off = await api(`PATCH ${path}`, { enabled: false }, ANN);
  expect(off.body).toMatchObject({
    status: 'disabled',
    disabled_reason: 'asked',
  });
  expect((await api(`POST ${path}/test`, {}, ANN)).status).toBe(400);
  await running(deps, (call, body) => api(call, body, ANN));
  deps.store.deliveries.plan(deps.now());
  const on = await api(
    `PATCH ${path}`,
    { enabled: true, events: ['sandbox.created'] },
    ANN,
  );
  expect(on.body).toMatchObject({
    status: 'enabled',
    disabled_reason: null,
    events: ['sandbox.created'],
  });
  await running(deps, (call, body) => api(call, body, ANN));
  deps.store.deliveries.plan(deps.now());
  const { body } = await api(`GET ${path}/deliveries`, undefined, ANN);
  expect(body['items']).toMatchObject([
    { type: 'sandbox.created', status: 'pending', attempts: 0 },
  ]);
});

it('writes down who made, rotated and removed one', async () => {
  const { api } = await served();
  const made = await api('POST /v1/webhooks', { url: URL_ }, ANN);
  const id = String(made.body['id']);
  const rotated = await api(`POST /v1/webhooks/${id}/rotate-secret`, {}, ANN);
  expect(rotated.body['secret']).not.toBe(made.body['secret']);
  await api(`DELETE /v1/webhooks/${id}`, undefined, ANN);
  const { body } = await api('GET /v1/audit', undefined, ANN);
  const target = { kind: 'webhook', id };
  expect(body['items']).toMatchObject([
    { action: 'DELETE /v1/webhooks/{id}', target, tenant: 'ann' },
    { action: 'POST /v1/webhooks/{id}/rotate-secret', target },
    { action: 'POST /v1/webhooks', target, actor: 'api:ann' },
  ]);
});
