import { z } from 'zod';
import type { ApiDeps } from '../src/http/route.ts';
import type { Api } from './support.ts';
import { cleanUp, listen, world } from './support.ts';

afterEach(cleanUp);

const withToken =
  (api: Api, secret: string): Api =>
  (call, body, headers) =>
    api(call, body, { ...headers, authorization: `Bearer ${secret}` });

async function tenants() {
  const deps = await world({
    SANDBOXD_API_AUTH_DISABLED: 'false',
    SANDBOXD_API_TOKENS: 'ann:annannannannannann,admin:adminadminadminadm',
  });
  return { deps, ...callers(await listen(deps)) };
}

const callers = (api: Api) => ({
  api,
  ann: withToken(api, 'annannannannannann'),
  admin: withToken(api, 'adminadminadminadm'),
});

const rowsIn = ({ store }: Pick<ApiDeps, 'store'>) =>
  store.audit.list({ limit: 1_000 }).items;

/** The same installation, whose audit log takes no row. */
async function withFullLog(deps: Awaited<ReturnType<typeof world>>) {
  const audit = {
    ...deps.store.audit,
    append: () => {
      throw new Error('no room');
    },
  };
  const store = { ...deps.store, audit };
  return callers(await listen({ ...deps, store }));
}

it('finds all that became of an API key by its id, with the scopes that it got, as its tenant, too', async () => {
  const { deps, ann, admin } = await tenants();
  const made = await admin('POST /v1/keys', {
    name: 'ci',
    tenant: 'ann',
    scopes: ['read', 'write'],
  });
  const id = z.string().parse(made.body['id']);
  await ann(`DELETE /v1/keys/${id}`);
  await admin(`DELETE /v1/keys/${id.toLowerCase()}`);
  const about = { target_kind: 'key', target_id: id, tenant: 'ann' };
  expect(rowsIn(deps)).toMatchObject([
    { ...about, actor: 'api:admin', action: 'DELETE /v1/keys/{key}' },
    { ...about, actor: 'api:ann', code: 'forbidden_scope' },
    { ...about, actor: 'api:admin', detail: { scopes: 'read/write' } },
  ]);
  expect(JSON.stringify(rowsIn(deps))).not.toContain(made.body['secret']);
  const seen = await ann(`GET /v1/audit?target=${id}`);
  expect(seen.body['items']).toHaveLength(3);
});

it('tells a tenant who changed its quota, and nobody of a try at that of another', async () => {
  const { deps, ann, admin } = await tenants();
  await admin('PUT /v1/tenants/ann/quota', { sandboxes: 1 });
  await ann('PUT /v1/tenants/admin/quota', {});
  expect(rowsIn(deps)).toMatchObject([
    { actor: 'api:ann', tenant: 'ann', target_id: 'admin' },
    {
      ...{ actor: 'api:admin', tenant: 'ann', outcome: 'accepted' },
      ...{ target_kind: 'tenant', target_id: 'ann' },
    },
  ]);
});

it('says when a preview was opened to everybody', async () => {
  const { deps, ann } = await tenants();
  const { body } = await ann('POST /sandbox', { visibility: 'private' });
  const id = z.string().parse(body['id']);
  await ann(`PATCH /sandbox/${id}`, { visibility: 'public' });
  expect(rowsIn(deps)[0]).toMatchObject({
    action: 'PATCH /v1/sandboxes/{id}',
    detail: { visibility: 'public' },
  });
});

it('makes and revokes no key, and changes no quota, that cannot be written down', async () => {
  const { deps, admin: before } = await tenants();
  const made = await before('POST /v1/keys', { name: 'a', scopes: ['read'] });
  await before('PUT /v1/tenants/ann/quota', { sandboxes: 1 });
  const { admin } = await withFullLog(deps);
  for (const [call, body] of [
    ['POST /v1/keys', { name: 'b', scopes: ['admin'] }],
    [`DELETE /v1/keys/${String(made.body['id'])}`, undefined],
    ['PUT /v1/tenants/ann/quota', { sandboxes: 9 }],
    ['DELETE /v1/tenants/ann/quota', {}],
  ] as const)
    expect((await admin(call, body)).status).toBe(500);
  const keys = deps.store.apiKeys.list({ limit: 10 }).items;
  expect(keys).toMatchObject([{ name: 'a', revoked_at: null }]);
  expect(deps.store.quotas.overrides('ann')).toEqual({ sandboxes: 1 });
});

it('answers by a problem document also when the database cannot be read to say whose a refusal is', async () => {
  const { deps } = await tenants();
  const sandboxes = {
    ...deps.store.sandboxes,
    get: () => {
      throw new Error('the disk is gone');
    },
  };
  const { ann } = callers(
    await listen({ ...deps, store: { ...deps.store, sandboxes } }),
  );
  const answer = await ann(`POST /v1/sandboxes/${deps.newId()}/stop`, {});
  expect(answer.body).toMatchObject({ status: 500, code: 'internal' });
  expect(answer.text).not.toContain('the disk is gone');
});

it('keeps apart who is known while strangers guess from many addresses', async () => {
  const deps = await world({
    SANDBOXD_API_AUTH_DISABLED: 'false',
    SANDBOXD_API_TOKENS: 'ann:annannannannannann',
    SANDBOXED_TRUSTED_PROXIES: '127.0.0.0/8',
  });
  const { api, ann } = callers(await listen(deps));
  for (let n = 0; n < 250; n += 1)
    await api('GET /sandboxes', undefined, {
      'x-forwarded-for': `2001:db8::${n.toString(16)}`,
    });
  await ann('PUT /v1/tenants/ann/quota', {});
  expect(rowsIn(deps)[0]).toMatchObject({
    ...{ actor: 'api:ann', code: 'forbidden_scope' },
    action: 'PUT /v1/tenants/{tenant}/quota',
  });
  expect(rowsIn(deps)).toHaveLength(202);
});
