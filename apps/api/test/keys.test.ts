import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './support.ts';
import { cleanUp, listen, noSandbox, running, world } from './support.ts';

afterEach(cleanUp);

const TOKENS = {
  SANDBOXD_API_TOKENS: 'ann:annannannannannann,admin:adminadminadminadm',
};
const ADMIN = { authorization: 'Bearer adminadminadminadm' };
const ANN = { authorization: 'Bearer annannannannannann' };
const CI = { name: 'ci', tenant: 'ann', scopes: ['write'] };

async function served(settings = TOKENS) {
  const deps = await world(settings);
  return { deps, api: await listen(deps) };
}

const bearer = (secret: unknown) => ({
  authorization: `Bearer ${String(secret)}`,
});

/** Whether the bytes are in a file of the data directory. */
function isOnDisk({ dataDir }: World, text: string): boolean {
  return readdirSync(dataDir).some((name) =>
    readFileSync(join(dataDir, name)).includes(text),
  );
}

it('shows the secret of a key once: not in lists, not in the log, not on disk', async () => {
  const { deps, api } = await served();
  const made = await api('POST /v1/keys', CI, ADMIN);
  const { id, secret, ...rest } = made.body;
  expect(made.status).toBe(201);
  expect(made.headers.get('cache-control')).toBe('no-store');
  expect(made.headers.get('location')).toBe(`/v1/keys/${String(id)}`);
  expect(secret).toMatch(/^sk_[A-Za-z0-9_-]{43}$/);
  expect(rest).toMatchObject({
    ...CI,
    prefix: String(secret).slice(0, 11),
    status: 'active',
    made_by: 'api:admin',
    expires_at: null,
    last_used_at: null,
    revoked_at: null,
  });
  expect(rest['note']).toBeUndefined();
  await api('GET /sandboxes', undefined, bearer(secret));
  const list = await api('GET /v1/keys', undefined, ADMIN);
  const one = await api(`GET /v1/keys/${String(id)}`, undefined, ADMIN);
  expect(one.body['name']).toBe('ci');
  const rest_ = String(secret).slice(11);
  for (const text of [list.text, one.text, deps.log.join('')])
    expect(text).not.toContain(rest_);
  expect(isOnDisk(deps, String(id))).toBe(true);
  expect(isOnDisk(deps, rest_)).toBe(false);
});

it('lets a key do what its scopes say, as its tenant', async () => {
  const { deps, api } = await served();
  const own = await running(deps, (call, body) => api(call, body, ANN));
  const made = await api('POST /v1/keys', CI, ADMIN);
  const key = bearer(made.body['secret']);
  expect((await api(`GET /sandbox/${own}`, undefined, key)).status).toBe(200);
  const { body } = await api('POST /sandbox', {}, key);
  const [job] = deps.store.jobs.list({ limit: 1 }).items;
  expect(job?.requested_by).toBe(`api:ann/${String(made.body['id'])}`);
  const seen = await api(`GET /sandbox/${String(body['id'])}`, undefined, ANN);
  expect(seen.status).toBe(200);
  for (const scopes of [['read'], ['metrics']]) {
    const less = await api('POST /v1/keys', { ...CI, scopes }, ADMIN);
    const calls = await Promise.all(
      ['GET /sandboxes', 'POST /sandbox', 'GET /metrics'].map((call) =>
        api(call, undefined, bearer(less.body['secret'])),
      ),
    );
    expect(calls.map(({ status }) => status)).toEqual(
      scopes.includes('read') ? [200, 403, 403] : [403, 403, 200],
    );
  }
});

it('lets admins alone make and see keys, for any tenant, and those with a key as well', async () => {
  const { api } = await served();
  for (const call of ['POST /v1/keys', 'GET /v1/keys'])
    expect((await api(call, undefined, ANN)).status).toBe(403);
  const root = await api(
    'POST /v1/keys',
    { name: 'root', scopes: ['admin'] },
    ADMIN,
  );
  expect(root.body['tenant']).toBe('admin');
  const by = bearer(root.body['secret']);
  const made = await api('POST /v1/keys', { ...CI, tenant: 'new' }, by);
  expect(made.body).toMatchObject({
    tenant: 'new',
    made_by: `api:admin/${String(root.body['id'])}`,
  });
  const page = await api('GET /v1/keys?limit=1', undefined, by);
  expect(page.body['next_cursor']).toEqual(expect.any(String));
  const ofNew = await api('GET /v1/keys?tenant=new', undefined, by);
  expect(ofNew.body).toMatchObject({
    items: [{ id: made.body['id'] }],
    next_cursor: null,
  });
});

it('refuses a revoked key at once and says so to its holder alone, for every process', async () => {
  const { deps, api } = await served();
  const other = await listen(deps);
  const { body } = await api('POST /v1/keys', CI, ADMIN);
  const key = bearer(body['secret']);
  expect((await other('GET /sandboxes', undefined, key)).status).toBe(200);
  const path = `/v1/keys/${String(body['id']).toLowerCase()}`;
  const revoked = await api(`DELETE ${path}`, undefined, ADMIN);
  expect(revoked.body).toMatchObject({ status: 'revoked' });
  const refused = await other('GET /sandboxes', undefined, key);
  expect(refused.status).toBe(401);
  expect(refused.body['detail']).toContain('was revoked');
  const guess = bearer(`${String(body['secret']).slice(0, -1)}!`);
  const guessed = await other('GET /sandboxes', undefined, guess);
  expect(guessed.status).toBe(401);
  expect(guessed.text).not.toContain('revoked');
  const again = await api(`DELETE ${path}`, undefined, ADMIN);
  expect(again.body['revoked_at']).toBe(revoked.body['revoked_at']);
});

it('refuses a key from the moment on that its term is over', async () => {
  const { deps } = await served();
  let now = Date.now();
  const api = await listen({ ...deps, now: () => now });
  const term = { ...CI, expires_in_seconds: 60 };
  const { body } = await api('POST /v1/keys', term, ADMIN);
  const key = bearer(body['secret']);
  expect(body['expires_at']).toBe(new Date(now + 60_000).toISOString());
  now += 59_999;
  expect((await api('GET /sandboxes', undefined, key)).status).toBe(200);
  now += 1;
  const refused = await api('GET /sandboxes', undefined, key);
  expect(refused.status).toBe(401);
  expect(refused.body['detail']).toContain('has expired');
  const path = `GET /v1/keys/${String(body['id'])}`;
  expect((await api(path, undefined, ADMIN)).body['status']).toBe('expired');
});

it('notes when a key was last used, with one write a minute', async () => {
  const { deps } = await served();
  let now = Date.now();
  let writes = 0;
  const store = {
    ...deps.store,
    apiKeys: {
      ...deps.store.apiKeys,
      used(id: string, at: number) {
        writes += 1;
        deps.store.apiKeys.used(id, at);
      },
    },
  };
  const api = await listen({ ...deps, store, now: () => now });
  const { body } = await api('POST /v1/keys', CI, ADMIN);
  const key = bearer(body['secret']);
  const began = now;
  for (const later of [0, 30_000, 29_999]) {
    now += later;
    await api('GET /sandboxes', undefined, key);
  }
  const path = `GET /v1/keys/${String(body['id'])}`;
  const lastUsed = async () =>
    (await api(path, undefined, ADMIN)).body['last_used_at'];
  expect(await lastUsed()).toBe(new Date(began).toISOString());
  now += 1;
  await api('GET /sandboxes', undefined, key);
  expect(await lastUsed()).toBe(new Date(now).toISOString());
  expect(writes).toBe(2);
});

it('answers who only looks, also while the disk is too full to note it', async () => {
  const { deps } = await served();
  const full = Object.assign(new Error('full'), { code: 'SQLITE_FULL' });
  const store = {
    ...deps.store,
    apiKeys: {
      ...deps.store.apiKeys,
      used() {
        throw full;
      },
    },
  };
  const api = await listen({ ...deps, store });
  const { body } = await api('POST /v1/keys', CI, ADMIN);
  const key = bearer(body['secret']);
  expect((await api('GET /sandboxes', undefined, key)).status).toBe(200);
});

it('takes no Idempotency-Key for a key: its answer would have to be stored', async () => {
  const { deps, api } = await served();
  const repeat = { ...ADMIN, 'idempotency-key': 'once' };
  for (let n = 0; n < 2; n += 1) {
    const { status, body } = await api('POST /v1/keys', CI, repeat);
    expect([status, body['code']]).toEqual([400, 'invalid_request']);
    expect(JSON.stringify(body['errors'])).toContain('/Idempotency-Key');
  }
  expect(deps.store.apiKeys.list({ limit: 1 }).items).toEqual([]);
  expect(
    deps.store.idempotency.find('api:admin', 'once', Date.now()),
  ).toBeUndefined();
});

it('bounds the keys of a tenant that can be used', async () => {
  const { deps, api } = await served();
  for (let n = 0; n < 200; n += 1)
    deps.store.apiKeys.insert({
      id: deps.newId(),
      tenant: 'ann',
      name: 'n',
      prefix: `sk_${n}`,
      hash: Buffer.alloc(32),
      scopes: ['read'],
      made_by: 'test',
      created_at: n,
      expires_at: null,
    });
  const more = await api('POST /v1/keys', CI, ADMIN);
  expect([more.status, more.body['detail']]).toEqual([
    400,
    expect.stringContaining('200 keys'),
  ]);
  const [first] = deps.store.apiKeys.list({ limit: 1 }).items;
  await api(`DELETE /v1/keys/${first?.id ?? ''}`, undefined, ADMIN);
  expect((await api('POST /v1/keys', CI, ADMIN)).status).toBe(201);
});

it('answers a key that never was with 404, whatever is asked of it', async () => {
  const { api } = await served();
  for (const id of [noSandbox(), 'x', '%00', "'; DROP TABLE api_keys"])
    for (const method of ['GET', 'DELETE']) {
      const path = `${method} /v1/keys/${encodeURI(id)}`;
      const { status, body } = await api(path, undefined, ADMIN);
      expect([id, status, body['code']]).toEqual([id, 404, 'key_not_found']);
    }
});

it('says in open mode that keys are not asked for, and holds those that send one to it', async () => {
  const { api } = await served({} as typeof TOKENS);
  const made = await api('POST /v1/keys', { name: 'ci', scopes: ['read'] });
  expect(made.body).toMatchObject({
    tenant: 'open',
    note: expect.stringContaining('SANDBOXD_API_TOKENS'),
  });
  const key = bearer(made.body['secret']);
  expect((await api('GET /sandboxes', undefined, key)).status).toBe(200);
  expect((await api('POST /sandbox', {}, key)).status).toBe(403);
  const system = await api('GET /v1/system');
  expect(JSON.stringify(system.body['warnings'])).toContain(
    'answers without its API keys',
  );
  await api(`DELETE /v1/keys/${String(made.body['id'])}`);
  expect((await api('GET /sandboxes', undefined, key)).status).toBe(401);
  const other = { authorization: 'Bearer whatever-a-client-always-sends' };
  expect((await api('GET /sandboxes', undefined, other)).status).toBe(200);
});
