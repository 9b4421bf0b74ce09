import type { AuditRecord } from '@sandboxed/domain';
import { workspaceDir } from '@sandboxed/domain';
import { openStore } from '@sandboxed/store';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { allRoutes } from '../src/app.ts';
import type { ApiDeps } from '../src/http/route.ts';
import type { Answer, Api } from './support.ts';
import {
  cleanUp,
  finish,
  listen,
  noSandbox,
  running,
  world,
} from './support.ts';
import { twoTenants, withToken } from './two-tenants.ts';
import { validBody } from './valid-bodies.ts';

afterEach(cleanUp);

/** Rows of the audit log, newest first. */
const rowsIn = ({ store }: Pick<ApiDeps, 'store'>) =>
  store.audit.list({ limit: 1_000 }).items;

/** Those of one call. */
const rowsOf = (deps: ApiDeps, { headers }: Answer): readonly AuditRecord[] =>
  rowsIn(deps).filter(
    ({ request_id, action }) =>
      request_id === headers.get('x-request-id') && !action.startsWith('job.'),
  );

/** A running sandbox with the directories that a worker makes. */
async function withFiles(deps: Awaited<ReturnType<typeof world>>, api: Api) {
  const id = await running(deps, api);
  const app = join(workspaceDir(deps.dataDir, id), 'workspace/app');
  await mkdir(join(app, 'a'), { recursive: true });
  return id;
}

const CHANGING = allRoutes('1')
  .filter(({ method }) => method !== 'get')
  .flatMap(({ method, paths, body }) =>
    paths.map((path) => ({
      method: method.toUpperCase(),
      path,
      first: paths[0] ?? '',
      hasBody: body !== undefined,
    })),
  );

it('knows of routes that change something', () => {
  expect(CHANGING.length).toBeGreaterThan(30);
});

it.each(CHANGING)(
  'writes down $method $path, done, refused and without a token',
  async ({ method, path, first, hasBody }) => {
    const { deps, api, ann, ben } = await twoTenants();
    const sandbox = await withFiles(deps, ann);
    const url = path
      .replace('{id}', sandbox)
      .replace('{taskId}', noSandbox())
      .replace('{name}', 'web');
    const query = url.endsWith('/files') && method === 'DELETE';
    const call = `${method} ${url}${/\/content$/.test(url) || query ? '?path=a/b' : ''}`;
    const body = validBody(url);
    for (const as of [api, ann, ben]) {
      const answer = await as(call, hasBody ? body : undefined);
      const [row, ...failed] = rowsOf(deps, answer).toReversed();
      expect(row).toMatchObject({
        action: `${method} ${first}`,
        actor:
          as === api ? 'api:anonymous' : `api:${as === ann ? 'ann' : 'ben'}`,
        source: '127.0.0.1',
      });
      const { status } = answer;
      if (status < 300) expect([row?.outcome, ...failed]).toEqual(['accepted']);
      else
        expect(failed.at(-1) ?? row).toMatchObject({
          outcome: status < 500 ? 'refused' : 'failed',
          code: answer.body['code'],
        });
      if (as === api) expect([status, row?.tenant]).toEqual([401, null]);
      if (as === ben && path.includes('{id}')) {
        expect(status).toBeGreaterThanOrEqual(400);
        expect(row?.tenant).toBe('ben');
      }
    }
  },
);

it('says what was made, which job does it and what became of it', async () => {
  const { deps, ann } = await twoTenants();
  const id = await running(deps, ann);
  const answer = await ann(`POST /sandbox/${id.toLowerCase()}/exec`, {
    shell: 'true',
  });
  finish(deps.store, id, {
    status: 'failed',
    error: { code: 'timed_out', message: 'm', retryable: true },
  });
  const job_id = answer.body['job_id'];
  expect(rowsIn(deps)).toMatchObject([
    { action: 'job.exec', job_id, outcome: 'failed', code: 'timed_out' },
    { action: 'POST /v1/sandboxes/{id}/exec', job_id, outcome: 'accepted' },
    { action: 'job.create', outcome: 'succeeded' },
    { action: 'POST /v1/sandboxes', outcome: 'accepted' },
  ]);
  for (const row of rowsIn(deps))
    expect(row).toMatchObject({
      actor: 'api:ann',
      tenant: 'ann',
      target_kind: 'sandbox',
      target_id: id,
    });
});

it("does not take the failure of a job that a call waited for for the call's own", async () => {
  const { deps, ann } = await twoTenants();
  const id = await running(deps, ann);
  const held = ann(`POST /sandbox/${id}/exec?wait=20`, { shell: 'true' });
  while (deps.store.jobs.mailbox(id).length === 0)
    await new Promise(setImmediate);
  const error = { code: 'timed_out', message: 'm', retryable: true } as const;
  finish(deps.store, id, { status: 'failed', error });
  const answer = await held;
  expect(answer.status).toBe(504);
  expect(rowsOf(deps, answer)).toMatchObject([{ outcome: 'accepted' }]);
});

it('writes a change and its row in one transaction, which is whole when it is announced', async () => {
  const deps = await world();
  const path = join(deps.dataDir, 'test.sqlite');
  const onError = (error: unknown): never => {
    throw error;
  };
  const seen: unknown[] = [];
  // Where the crash point api.committed ends the process: all that is on disk is what another connection sees.
  const store = openStore({
    path,
    keyFile: join(deps.dataDir, 'secret.key'),
    onError,
    onCommit() {
      const jobs = deps.store.jobs.list({ limit: 10 }).items;
      seen.push([
        jobs.map(({ id }) => id),
        rowsIn(deps).map((row) => row.job_id),
      ]);
    },
  });
  try {
    const api = await listen({ ...deps, store });
    const { body } = await api('POST /sandbox', {});
    expect(seen).toEqual([[[body['job_id']], [body['job_id']]]]);
  } finally {
    store.close();
  }
});

it('changes nothing that cannot be written down', async () => {
  const deps = await world();
  const id = await withFiles(deps, await listen(deps));
  const audit = {
    ...deps.store.audit,
    append: () => {
      throw new Error('no room');
    },
  };
  const api = await listen({ ...deps, store: { ...deps.store, audit } });
  const before = deps.store.jobs.list({ limit: 10 });
  const put = { path: 'new.txt', content: 'x' };
  expect((await api('POST /sandbox', {})).status).toBe(500);
  expect((await api(`DELETE /sandbox/${id}`)).status).toBe(500);
  expect((await api(`PUT /sandbox/${id}/files`, put)).status).toBe(500);
  expect(deps.store.jobs.list({ limit: 10 })).toEqual(before);
  expect(deps.store.sandboxes.list({ limit: 10 }).items).toHaveLength(1);
  const { body } = await api(`GET /sandbox/${id}/files`);
  expect(JSON.stringify(body)).not.toContain('new.txt');
});

it('holds no secret, no content and no command', async () => {
  const { deps, api, ann, admin } = await twoTenants();
  const MARK = 'MARKER-7f3a';
  const env = { API_KEY: MARK };
  const { body } = await ann('POST /sandbox', { env, labels: { a: MARK } });
  const id = String(body['id']);
  await ann(`POST /sandbox/${id}/exec`, { shell: MARK, stdin: MARK, env });
  await ann(`POST /sandbox/${id}/exec`, { [MARK]: 1 });
  await ann(`PUT /sandbox/${id}/services/web`, { command: MARK, env });
  await ann(`PUT /sandbox/${id}/files`, { path: 'a', content: MARK });
  await ann(`POST /sandbox/${id}/tasks`, { prompt: MARK, agent: 'codex', env });
  await withToken(api, MARK)('GET /sandboxes');
  await ann(`DELETE /sandbox/${id}?token=${MARK}`, undefined, {
    'idempotency-key': MARK,
    'user-agent': MARK,
  });
  expect(rowsIn(deps).length).toBeGreaterThan(6);
  expect(JSON.stringify(rowsIn(deps))).not.toContain(MARK);
  expect((await admin('GET /v1/audit')).text).not.toContain(MARK);
});

it('tells a flood of refused tokens as one row and a number', async () => {
  const { deps, api } = await twoTenants();
  for (let n = 0; n < 50; n += 1)
    await withToken(
      api,
      `guess-${n}`,
    )(n % 2 === 0 ? 'GET /sandboxes' : 'POST /sandbox');
  expect(rowsIn(deps)).toMatchObject([
    { outcome: 'refused', code: 'unauthenticated', tenant: null },
  ]);
  deps.hub.release();
  expect(rowsIn(deps)).toMatchObject([
    { code: 'unauthenticated', detail: { repeats: 49 }, request_id: null },
    { code: 'unauthenticated', detail: {} },
  ]);
});

it('writes down who takes files out, and no other read', async () => {
  const { deps, ann } = await twoTenants();
  const id = await withFiles(deps, ann);
  await ann(`PUT /sandbox/${id}/files`, { path: 'k.txt', content: 'k' });
  const before = rowsIn(deps).length;
  for (const path of ['', '/files', '/services', '/tasks'])
    await ann(`GET /sandbox/${id}${path}`);
  expect(rowsIn(deps)).toHaveLength(before);
  await ann(`GET /sandbox/${id}/files/content?path=k.txt`);
  await ann(`GET /sandbox/${id}/export`);
  expect(rowsIn(deps).slice(0, -before)).toMatchObject([
    { action: 'GET /v1/sandboxes/{id}/export', target_id: id },
    {
      action: 'GET /v1/sandboxes/{id}/files/content',
      target_id: id,
      detail: { path: 'k.txt' },
    },
  ]);
});

it('shows a tenant its own rows alone, and an admin all', async () => {
  const { deps, api, ann, ben, admin } = await twoTenants();
  const id = await running(deps, ann);
  await running(deps, ben);
  await ben(`DELETE /sandbox/${id}`);
  await admin(`POST /v1/sandboxes/${id}/stop`, {});
  await api('GET /sandboxes');
  const actors = async (as: Api, query = '') => {
    const { body } = await as(`GET /v1/audit${query}`);
    const items: readonly { actor: string }[] = Array.isArray(body['items'])
      ? body['items']
      : [];
    return [...new Set(items.map(({ actor }) => actor))].sort();
  };
  expect(await actors(ann)).toEqual(['api:admin', 'api:ann']);
  expect(await actors(ben)).toEqual(['api:ben']);
  expect(await actors(ben, '?tenant=ann')).toEqual([]);
  expect(await actors(ann, `?target=${id.toLowerCase()}`)).not.toContain(
    'api:ben',
  );
  const all = ['api:admin', 'api:ann', 'api:anonymous', 'api:ben'];
  expect(await actors(admin)).toEqual(all);
  expect(await actors(admin, '?tenant=ann')).toEqual(['api:admin', 'api:ann']);
  expect(await actors(admin, '?actor=api:ben')).toEqual(['api:ben']);
  expect((await api('GET /v1/audit')).status).toBe(401);
  const seen: unknown[] = [];
  for (let cursor = '', n = 0; n < 100; n += 1) {
    const { body } = await admin(`GET /v1/audit?limit=2${cursor}`);
    seen.push(...z.array(z.unknown()).parse(body['items']));
    if (typeof body['next_cursor'] !== 'string') break;
    cursor = `&cursor=${body['next_cursor']}`;
  }
  expect(seen).toHaveLength(rowsIn(deps).length);
  expect(seen[0]).toMatchObject({ target: null, source: '127.0.0.1' });
});

it.each([
  '?since=yesterday',
  '?cursor=x',
  '?limit=0',
  '?limit=1000',
  `?actor=${'x'.repeat(300)}`,
])('refuses %s', async (query) => {
  const { admin } = await twoTenants();
  expect((await admin(`GET /v1/audit${query}`)).status).toBe(400);
});

it('finds by time', async () => {
  const { deps, ann, admin } = await twoTenants();
  await ann('POST /sandbox', {});
  const found = async (query: string) => {
    const { body } = await admin(`GET /v1/audit?${query}`);
    return Array.isArray(body['items']) ? body['items'].length : 0;
  };
  const at = (ms: number) => encodeURIComponent(new Date(ms).toISOString());
  expect(await found(`since=${at(deps.now() - 60_000)}`)).toBe(1);
  expect(await found(`until=${at(deps.now() - 60_000)}`)).toBe(0);
  expect(await found(`since=2020-01-01T00:00:00%2B02:00`)).toBe(1);
});

it('is not told another source by the caller, only by a trusted proxy', async () => {
  const spoofed = { 'x-forwarded-for': '198.51.100.7' };
  const plain = await twoTenants();
  await plain.ann('POST /sandbox', {}, spoofed);
  expect(rowsIn(plain.deps)[0]?.source).toBe('127.0.0.1');
  const behind = await twoTenants({ SANDBOXED_TRUSTED_PROXIES: '127.0.0.0/8' });
  await behind.ann('POST /sandbox', {}, spoofed);
  expect(rowsIn(behind.deps)[0]?.source).toBe('198.51.100.7');
});

it('writes down a repeated request as that', async () => {
  const { deps, ann } = await twoTenants();
  const key = { 'idempotency-key': 'once' };
  await ann('POST /sandbox', {}, key);
  await ann('POST /sandbox', {}, key);
  expect(rowsIn(deps)).toMatchObject([
    { outcome: 'repeated' },
    { outcome: 'accepted' },
  ]);
});

it('writes down a body that is too large', async () => {
  const { deps, ann } = await twoTenants();
  await ann('POST /sandbox', { name: 'x'.repeat(2_000_000) });
  expect(rowsIn(deps)).toMatchObject([
    { outcome: 'refused', code: 'body_too_large', actor: 'api:ann' },
  ]);
});
