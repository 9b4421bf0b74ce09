import type { SandboxId } from '@sandboxed/domain';
import { sandboxIdSchema } from '@sandboxed/domain';
import {
  exceeded,
  limited,
  statusOf,
  tenants,
  usageOf,
} from './quota-support.ts';
import type { Api, World } from './support.ts';
import { cleanUp, finish, listen, running, world } from './support.ts';
import { ask, hostOf, PAGE, textOf, waking } from './wake-support.ts';

afterEach(cleanUp);

const BY = { actor: 'test', reason: 'test', now: 1 };
const TASK = { prompt: 'Say hello.', agent: 'codex' };

/** A sandbox that sleeps. */
async function sleeping(
  deps: World,
  api: Api,
  body: object = {},
): Promise<SandboxId> {
  const id = await running(deps, api, body);
  deps.store.sandboxes.transition(id, 'exited', BY);
  return id;
}

/** What a worker does for a removal. */
function removed({ store }: World, id: SandboxId, purged: boolean): void {
  store.sandboxes.transition(id, 'delete', BY);
  if (purged) store.sandboxes.forgetWorkspace(id);
  store.sandboxes.transition(id, 'removed', BY);
  finish(store, id);
}

describe('sandboxes', () => {
  it('are refused beyond the limit, which is told with what is used, and others of another tenant are not', async () => {
    const { deps, ann, ben, admin } = await tenants({ SANDBOXES: 2 });
    await running(deps, ann);
    const id = await running(deps, ann);
    const refused = await ann('POST /sandbox', {});
    expect(refused.body).toMatchObject(exceeded('sandboxes', 2, 2));
    expect(refused.status).toBe(403);
    expect(refused.body['detail']).toContain('Delete a sandbox');
    expect((await ann('GET /sandboxes')).body['items']).toHaveLength(2);
    expect((await ben('POST /sandbox', {})).status).toBe(202);
    const { text } = await admin('GET /metrics');
    expect(text).toContain(
      'sandboxed_quota_refused_total{limit="sandboxes"} 1',
    );

    await ann(`DELETE /sandbox/${id}`);
    expect((await ann('POST /sandbox', {})).status).toBe(403);
    removed(deps, id, false);
    expect((await ann('POST /sandbox', {})).status).toBe(202);
  });

  it('of which an answer is repeated are not counted again', async () => {
    const { ann } = await tenants({ SANDBOXES: 1 });
    const key = { 'idempotency-key': 'one' };
    expect((await ann('POST /sandbox', {}, key)).status).toBe(202);
    const again = await ann('POST /sandbox', {}, key);
    expect(again.status).toBe(202);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect((await ann('POST /sandbox', {})).status).toBe(403);
  });

  it("count for their owner when an administrator makes one's again", async () => {
    const { deps, ann, admin } = await tenants({ SANDBOXES: 1 });
    const id = await running(deps, ann);
    await ann(`DELETE /sandbox/${id}`);
    removed(deps, id, false);
    await running(deps, ann);
    const refused = await admin('POST /sandbox', { id });
    expect(refused.body).toMatchObject(exceeded('sandboxes', 1, 1));
    expect((await admin('POST /sandbox', {})).status).toBe(202);
  });
});

describe('disk', () => {
  it('is held by sandboxes and by what a delete leaves, until that is purged', async () => {
    const { deps, ann } = await tenants({ DISK_MB: 2_000 });
    const body = { limits: { disk_mb: 1_000 } };
    await running(deps, ann, body);
    const id = await running(deps, ann, body);
    const more = () => ann('POST /sandbox', { limits: { disk_mb: 64 } });
    expect((await more()).body).toMatchObject(
      exceeded('disk_mb', 2_000, 2_000),
    );
    await ann(`DELETE /sandbox/${id}`);
    removed(deps, id, false);
    expect((await more()).body).toMatchObject(
      exceeded('disk_mb', 2_000, 2_000),
    );
    expect((await ann('POST /sandbox', { id, ...body })).status).toBe(202);
    finish(deps.store, id);
    await ann(`POST /sandbox/${id}/purge`, {});
    removed(deps, id, true);
    expect((await more()).status).toBe(202);
  });
});

describe('memory', () => {
  it('is held by what runs: creates, starts and larger limits are refused', async () => {
    const { deps, ann } = await tenants({ MEMORY_MB: 1_000 });
    const asleep = await sleeping(deps, ann, { limits: { memory_mb: 600 } });
    await running(deps, ann, { limits: { memory_mb: 300 } });
    const id = await running(deps, ann, { limits: { memory_mb: 300 } });
    for (const call of [
      () => ann('POST /sandbox', { limits: { memory_mb: 401 } }),
      () => ann(`POST /sandbox/${asleep}/start`),
      () => ann(`PATCH /sandbox/${id}`, { limits: { memory_mb: 701 } }),
    ])
      expect((await call()).body).toMatchObject(
        exceeded('memory_mb', 600, 1_000),
      );
    expect(deps.store.sandboxes.get(id)?.limits.memory_mb).toBe(300);
    expect(deps.store.jobs.mailbox(id)).toEqual([]);
    const fits = { limits: { memory_mb: 700 } };
    expect((await ann(`PATCH /sandbox/${id}`, fits)).status).toBe(200);
  });

  it('of a sleeping sandbox may not be more than all of it', async () => {
    const { deps, ann, admin } = await tenants({ MEMORY_MB: 1_000 });
    const id = await sleeping(deps, ann, { limits: { memory_mb: 600 } });
    const patch = (memory_mb: number) =>
      ann(`PATCH /sandbox/${id}`, { limits: { memory_mb } });
    expect((await patch(1_001)).body).toMatchObject(
      exceeded('memory_mb', 0, 1_000),
    );
    expect((await patch(1_000)).status).toBe(200);
    await admin('PUT /v1/tenants/ann/quota', { memory_mb: 500 });
    expect((await patch(900)).status).toBe(200);
    expect((await ann(`PATCH /sandbox/${id}`, { name: 'a' })).status).toBe(200);
  });
});

describe('running sandboxes', () => {
  it.each([
    ['a start', 'POST /sandbox/ID/start', {}],
    ['a command', 'POST /sandbox/ID/exec', { shell: 'true' }],
    ['a task', 'POST /sandbox/ID/tasks', TASK],
    ['a wake over the API', 'POST /wake/ID', {}],
  ])('beyond the limit are not begun by %s', async (_what, call, body) => {
    const { deps, ann } = await tenants({ RUNNING: 1 });
    const id = await sleeping(deps, ann);
    const other = await running(deps, ann);
    const before = deps.store.sandboxes.get(id);
    const refused = await ann(call.replace('ID', id), body);
    expect(refused.body).toMatchObject(exceeded('running', 1, 1));
    expect(deps.store.jobs.mailbox(id)).toEqual([]);
    expect(deps.store.sandboxes.get(id)).toEqual(before);
    expect((await ann('POST /sandbox', {})).status).toBe(403);
    deps.store.sandboxes.transition(other, 'stop', BY);
    expect((await ann(call.replace('ID', id), body)).status).toBe(403);
    deps.store.sandboxes.transition(other, 'exited', BY);
    expect((await ann(call.replace('ID', id), body)).status).toBe(202);
  });

  it('count from when their start is accepted: of two starts one is refused', async () => {
    const { deps, ann } = await tenants({ RUNNING: 1 });
    const ids = [await sleeping(deps, ann), await sleeping(deps, ann)];
    const answers = await Promise.all(
      ids.map((id) => ann(`POST /sandbox/${id}/start`)),
    );
    expect(answers.map(statusOf).sort()).toEqual([202, 403]);
    expect(await usageOf(ann, 'running')).toEqual({ used: 1, limit: 1 });
  });

  it('go on running when the limit falls below them, and take commands', async () => {
    const { deps, ann, admin } = await tenants();
    const [id, other] = [await running(deps, ann), await running(deps, ann)];
    await admin('PUT /v1/tenants/ann/quota', { running: 1, sandboxes: 1 });
    expect(deps.store.sandboxes.get(id)?.state).toBe('running');
    expect(deps.store.jobs.mailbox(id)).toEqual([]);
    const exec = { shell: 'true' };
    expect((await ann(`POST /sandbox/${id}/exec`, exec)).status).toBe(202);
    expect(await usageOf(ann, 'running')).toEqual({ used: 2, limit: 1 });
    // Its stop is not yet done: it has its place, and keeps it.
    await ann(`POST /sandbox/${other}/stop`, { force: true });
    expect((await ann(`POST /sandbox/${other}/exec`, exec)).status).toBe(202);
    expect((await ann('POST /sandbox', {})).body).toMatchObject(
      exceeded('sandboxes', 2, 1),
    );
  });
});

describe('a visitor of a sleeping app whose owner may run no more', () => {
  it('is told so, as a page or as a problem, and leaves no job behind', async () => {
    const deps = await world({ SANDBOXED_QUOTA_RUNNING: '1' });
    const api = await listen(deps);
    const id = await sleeping(deps, api);
    const other = await running(deps, api);
    const port = await waking(deps);
    for (let n = 0; n < 3; n += 1) {
      const page = await ask(port, hostOf(id), PAGE);
      expect([page.statusCode, page.headers['x-sandboxed-error']]).toEqual([
        503,
        'quota_exceeded',
      ]);
      const text = await textOf(page);
      expect(text).toContain('No room right now');
      expect(text).not.toContain('Waking up');
      const asked = await ask(port, hostOf(id));
      const problem = await textOf(asked);
      expect(asked.statusCode).toBe(503);
      expect(JSON.parse(problem)).toMatchObject({ code: 'quota_exceeded' });
      // What the owner has is not the visitor's to know.
      expect(problem).not.toMatch(/running|quota":/);
    }
    expect(deps.store.jobs.list({ kind: 'start', limit: 9 }).items).toEqual([]);
    expect((await api('GET /metrics')).text).toContain(
      'sandboxed_quota_refused_total{limit="running"} 6',
    );
    deps.store.sandboxes.transition(other, 'exited', BY);
    void ask(port, hostOf(id), PAGE).catch(() => undefined);
    while (deps.store.jobs.mailbox(id).length === 0) await deps.hub.changed(id);
  });
});

describe('tasks', () => {
  it('at once are as many as sandboxes have one; the next in a sandbox waits, the next elsewhere is refused', async () => {
    const { deps, ann, ben } = await tenants({ TASKS: 1 });
    const [id, other] = [await running(deps, ann), await running(deps, ann)];
    const task = (api: Api, of: SandboxId) =>
      api(`POST /v1/sandboxes/${of}/tasks`, TASK);
    expect((await task(ann, id)).status).toBe(202);
    expect((await task(ann, id)).status).toBe(202);
    const refused = await task(ann, other);
    expect(refused.body).toMatchObject(limited('tasks', 1, 1));
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(deps.store.jobs.mailbox(other)).toEqual([]);
    expect((await task(ben, await running(deps, ben))).status).toBe(202);
    finish(deps.store, id);
    expect((await task(ann, other)).status).toBe(429);
    finish(deps.store, id);
    expect((await task(ann, other)).status).toBe(202);
  });
});

describe('what a tenant may have', () => {
  const NO_LIMIT = { used: 0, limit: null };

  it('is told to the tenant with what it has, and to an administrator of all', async () => {
    const { deps, ann, admin } = await tenants({ SANDBOXES: 5, STREAMS: 3 });
    await running(deps, ann, { limits: { memory_mb: 100, disk_mb: 200 } });
    const usage = {
      sandboxes: { used: 1, limit: 5 },
      running: { used: 1, limit: null },
      memory_mb: { used: 100, limit: null },
      disk_mb: { used: 200, limit: null },
      tasks: NO_LIMIT,
      requests_per_minute: { used: 2, limit: null },
      streams: { used: 0, limit: 3 },
    };
    expect((await ann('GET /v1/usage')).body).toEqual({ tenant: 'ann', usage });
    await admin('PUT /v1/tenants/ben/quota', { sandboxes: null, tasks: 0 });
    const { body } = await admin('GET /v1/tenants');
    expect(body).toEqual({
      items: [
        { tenant: 'ann', usage, overrides: {} },
        {
          tenant: 'ben',
          usage: {
            sandboxes: NO_LIMIT,
            running: NO_LIMIT,
            memory_mb: NO_LIMIT,
            disk_mb: NO_LIMIT,
            tasks: { used: 0, limit: 0 },
            requests_per_minute: NO_LIMIT,
            streams: { used: 0, limit: 3 },
          },
          overrides: { sandboxes: null, tasks: 0 },
        },
      ],
      next_cursor: null,
    });
    const page = await admin('GET /v1/tenants?limit=1');
    expect(page.body['next_cursor']).toBe('ann');
    const rest = await admin('GET /v1/tenants?limit=1&cursor=ann');
    expect(rest.body['items']).toHaveLength(1);
    expect(rest.body['next_cursor']).toBeNull();
  });

  it('is set by an administrator alone, for one tenant, until it is the default again', async () => {
    const { ann, ben, admin } = await tenants({ SANDBOXES: 1 });
    const path = '/v1/tenants/ann/quota';
    for (const call of [`PUT ${path}`, `DELETE ${path}`])
      expect((await ann(call, {})).status).toBe(403);
    for (const call of [`GET ${path}`, 'GET /v1/tenants'])
      expect((await ann(call)).status).toBe(403);
    const put = await admin(`PUT ${path}`, { sandboxes: 2 });
    expect(put.body).toMatchObject({
      tenant: 'ann',
      usage: { sandboxes: { used: 0, limit: 2 } },
      overrides: { sandboxes: 2 },
    });
    const make = async (api: Api) => statusOf(await api('POST /sandbox', {}));
    expect([await make(ann), await make(ann), await make(ann)]).toEqual([
      202, 202, 403,
    ]);
    expect([await make(ben), await make(ben)]).toEqual([202, 403]);
    const back = await admin(`DELETE ${path}`);
    expect(back.body).toMatchObject({
      usage: { sandboxes: { used: 2, limit: 1 } },
      overrides: {},
    });
    expect(await make(ann)).toBe(403);
  });

  it.each([
    [{ sandboxes: -1 }, '/sandboxes'],
    [{ sandboxes: '3' }, '/sandboxes'],
    [{ sandboxs: 3 }, '/sandboxs'],
  ])('is not %j', async (body, path) => {
    const { admin } = await tenants();
    const refused = await admin('PUT /v1/tenants/ann/quota', body);
    expect(refused.status).toBe(400);
    expect(refused.body['errors']).toEqual([expect.objectContaining({ path })]);
    expect((await admin('GET /v1/tenants')).body['items']).toEqual([]);
  });

  it('is asked of tenants by a name that a token could have', async () => {
    const { admin } = await tenants();
    for (const name of ['a%20b', 'a'.repeat(65), '%2e%2e%2f'])
      expect((await admin(`GET /v1/tenants/${name}/quota`)).status).toBe(400);
  });

  it('holds for the open installation, too', async () => {
    const deps = await world({ SANDBOXED_QUOTA_SANDBOXES: '1' });
    const api = await listen(deps);
    const { body } = await api('POST /sandbox', {});
    sandboxIdSchema.parse(body['id']);
    expect((await api('POST /sandbox', {})).body).toMatchObject(
      exceeded('sandboxes', 1, 1),
    );
    expect((await api('GET /v1/usage')).body['tenant']).toBe('open');
  });
});
