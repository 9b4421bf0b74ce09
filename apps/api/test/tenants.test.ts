import { allRoutes } from '../src/app.ts';
import type { Answer, Api } from './support.ts';
import { cleanUp, finish, noSandbox, running } from './support.ts';
import { twoTenants } from './two-tenants.ts';
import { validBody } from './valid-bodies.ts';

afterEach(cleanUp);

/** What an answer says, but for the ids that it is about and its own. */
const said = ({ status, body }: Answer, id: string): unknown => [
  status,
  JSON.stringify({ ...body, request_id: '' }).replaceAll(id, 'ID'),
];

const idsOf = ({ body }: Answer): readonly unknown[] =>
  (Array.isArray(body['items']) ? body['items'] : []).map(
    (item: Record<string, unknown>) => item['id'],
  );

it('lists to each tenant its own sandboxes and jobs, page by page, and to an admin all', async () => {
  const { deps, ann, ben, admin } = await twoTenants();
  const made: Record<string, string[]> = { ann: [], ben: [] };
  for (let n = 0; n < 3; n += 1) {
    made['ann']?.unshift(await running(deps, ann));
    made['ben']?.unshift(await running(deps, ben));
  }
  const pages = async (api: Api, path: string) => {
    const seen: unknown[] = [];
    for (let cursor = '', n = 0; n < 10; n += 1) {
      const page = await api(`GET ${path}?limit=2${cursor}`);
      seen.push(...idsOf(page));
      const next = page.body['next_cursor'];
      if (typeof next !== 'string') break;
      cursor = `&cursor=${next}`;
    }
    return seen;
  };
  expect(await pages(ann, '/v1/sandboxes')).toEqual(made['ann']);
  expect(await pages(ben, '/sandboxes')).toEqual(made['ben']);
  expect(await pages(admin, '/sandboxes')).toHaveLength(6);
  expect(await pages(ann, '/v1/jobs')).toHaveLength(3);
  expect(await pages(admin, '/v1/jobs')).toHaveLength(6);
  const foreign = await ben(
    `GET /v1/jobs?sandbox_id=${made['ann']?.[0] ?? ''}`,
  );
  expect(idsOf(foreign)).toEqual([]);
});

it("answers another tenant's sandbox as one that never was, and shows it to an admin", async () => {
  const { deps, ann, ben, admin } = await twoTenants();
  const [id, none] = [await running(deps, ann), noSandbox()];
  for (const call of ['GET /sandbox/{id}', 'DELETE /sandbox/{id}']) {
    const foreign = await ben(call.replace('{id}', id));
    const unknown = await ben(call.replace('{id}', none));
    expect(said(foreign, id)).toEqual(said(unknown, none));
    expect(foreign.status).toBe(404);
  }
  expect((await admin(`GET /sandbox/${id}`)).body['id']).toBe(id);
});

it("takes an id of another tenant's sandbox for taken, whether it lives, goes or is gone", async () => {
  const { deps, ann, ben, admin } = await twoTenants();
  const id = await running(deps, ann);
  const own = await running(deps, ben);
  const taken = said(await ben('POST /sandbox', { id: own }), own);
  const tryIt = async () => said(await ben('POST /sandbox', { id }), id);
  expect(taken).toEqual([409, expect.stringContaining('id_taken')]);
  expect(await tryIt()).toEqual(taken);
  await ann(`DELETE /sandbox/${id}`);
  expect(await tryIt()).toEqual(taken);
  deps.store.sandboxes.transition(id, 'delete', by(deps.now()));
  deps.store.sandboxes.transition(id, 'removed', by(deps.now()));
  finish(deps.store, id);
  expect(await tryIt()).toEqual(taken);
  const again = await admin('POST /sandbox', { id });
  expect(again.status).toBe(202);
  expect((await ann(`GET /sandbox/${id}`)).status).toBe(200);
  expect((await ben(`GET /sandbox/${id}`)).status).toBe(404);
});

const by = (now: number) => ({ actor: 'test', reason: 'test', now });

const OPERATIONS = allRoutes('1').flatMap(({ method, paths, body }) =>
  paths
    .filter((path) => path.includes('{id}'))
    .map((path) => ({ method, path, hasBody: body !== undefined })),
);

it.each(OPERATIONS)(
  "answers $method $path of another tenant's as of what never was",
  async ({ method, path, hasBody }) => {
    const { deps, ann, ben } = await twoTenants();
    const sandbox = await running(deps, ann);
    const { body } = await ann(`POST /sandbox/${sandbox}/exec`, {
      shell: 'true',
    });
    const mine = path.startsWith('/v1/jobs') ? String(body['job_id']) : sandbox;
    const ask = (id: string): Promise<Answer> => {
      const url = path
        .replace('{id}', id)
        .replace('{taskId}', String(body['job_id']))
        .replace('{name}', 'web');
      return ben(
        `${method.toUpperCase()} ${url}${/files/.test(url) && method !== 'post' ? '?path=a' : ''}`,
        hasBody ? validBody(url) : undefined,
      );
    };
    const none = noSandbox();
    const foreign = await ask(mine);
    expect(foreign.status).toBe(404);
    expect(said(foreign, mine)).toEqual(said(await ask(none), none));
  },
);

it('tells figures of all tenants to an admin alone', async () => {
  const { ann, admin } = await twoTenants();
  const refused = await ann('GET /metrics');
  expect([refused.status, refused.body['code']]).toEqual([
    403,
    'forbidden_scope',
  ]);
  expect((await admin('GET /metrics')).status).toBe(200);
  expect((await ann('GET /v1/system')).body).toEqual({
    version: 'test',
    caller: { tenant: 'ann', scopes: ['read', 'write'], key_id: null },
    warnings: [],
  });
  expect((await admin('GET /v1/system')).body).toMatchObject({
    caller: { tenant: 'admin' },
    workers: [],
  });
});
