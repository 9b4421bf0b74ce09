import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { guardFile } from '@sandboxed/domain';
import {
  afterwards,
  cleanUp,
  finish,
  listen,
  listening,
  noSandbox,
  running,
  world,
} from './support.ts';
import {
  guardAsks,
  linkTo,
  NO_EDGE,
  privateSleeper,
  sessionFor,
  sessionOf,
} from './preview-support.ts';
import {
  agentSays,
  ask,
  hostOf,
  PAGE,
  textOf,
  waking,
} from './wake-support.ts';

afterEach(cleanUp);

describe('a sleeping private sandbox', () => {
  it('is woken by nobody without a session: a page for people, a problem for programs', async () => {
    const deps = await world();
    const { id } = await privateSleeper(deps);
    const wake = await waking(deps);
    const page = await ask(wake, hostOf(id), PAGE);
    expect(page.statusCode).toBe(401);
    expect(page.headers['cache-control']).toBe('no-store');
    expect(await textOf(page)).toContain('<h1>Private preview</h1>');
    const problem = await ask(wake, hostOf(id), {}, '/', 'a body');
    expect(problem.statusCode).toBe(401);
    expect(JSON.parse(await textOf(problem))).toMatchObject({
      code: 'unauthenticated',
      retryable: false,
    });
    expect(deps.store.jobs.mailbox(id)).toEqual([]);
  });

  it('says the same of a port that it does not publish', async () => {
    const deps = await world();
    const { id } = await privateSleeper(deps);
    const wake = await waking(deps);
    const answers = [hostOf(id), hostOf(id, 9999)].map(async (host) =>
      textOf(await ask(wake, host)),
    );
    const [published, other] = await Promise.all(answers);
    expect(other).toBe(published);
  });

  it('is woken with a session, and the edge gets the request as it was sent', async () => {
    const deps = await world();
    const { id, api } = await privateSleeper(deps);
    await agentSays(deps, id, () => true);
    const app = createServer(({ headers }, response) =>
      response.end(headers.cookie),
    );
    const wake = await waking(deps, app);
    const cookie = `a=1; ${await sessionFor(wake, api, id)}`;
    const held = ask(wake, hostOf(id), { cookie });
    while (deps.store.jobs.mailbox(id).length === 0) await deps.hub.changed(id);
    const by = { actor: 'test', reason: 'test', now: 1 };
    deps.store.sandboxes.transition(id, 'start', by);
    deps.store.sandboxes.transition(id, 'ready', by);
    finish(deps.store, id);
    expect(await textOf(await held)).toBe(cookie);
  });

  it('does not switch protocols without a session', async () => {
    const deps = await world();
    const { id } = await privateSleeper(deps);
    const wake = await waking(deps);
    const upgrade = request({
      port: wake,
      headers: {
        host: hostOf(id),
        connection: 'upgrade',
        upgrade: 'websocket',
      },
    });
    afterwards(() => upgrade.destroy());
    upgrade.end();
    const answered = await Promise.race([
      once(upgrade, 'response').then(([answer]: unknown[]) => answer),
      once(upgrade, 'upgrade').then(() => 'switched'),
    ]);
    expect(answered).toMatchObject({ statusCode: 401 });
    expect(deps.store.jobs.mailbox(id)).toEqual([]);
  });

  it('is not woken by opening a link, but by the page that it leads to', async () => {
    const deps = await world();
    const { id, api } = await privateSleeper(deps);
    const wake = await waking(deps);
    const answer = await ask(wake, hostOf(id), PAGE, await linkTo(api, id));
    expect(answer.statusCode).toBe(303);
    expect(answer.headers).toMatchObject({
      location: `http://${hostOf(id)}/`,
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    expect(answer.headers['set-cookie']?.[0]).toMatch(
      /^sandboxed-preview=\S+; Path=\/; Max-Age=3[56]\d\d; HttpOnly; SameSite=Lax$/,
    );
    expect(deps.store.jobs.mailbox(id)).toEqual([]);
    (
      await ask(wake, hostOf(id), { ...PAGE, cookie: sessionOf(answer) })
    ).resume();
    expect(deps.store.jobs.mailbox(id)).toMatchObject([{ kind: 'start' }]);
  });
});

describe('the API', () => {
  it('makes links to private previews alone, for their own ports and a bounded time', async () => {
    const deps = await world(NO_EDGE);
    const { id, api } = await privateSleeper(deps);
    const path = `/v1/sandboxes/${id}`;
    const made = await api(`POST ${path}/preview-links`, { expires_in: 60 });
    expect(made).toMatchObject({ status: 201, body: { port: 3000 } });
    expect(made.headers.get('cache-control')).toBe('no-store');
    expect(made.body['url']).toMatch(
      new RegExp(
        `^http://${hostOf(id)}/\\?sandboxed_preview=\\d+\\.[\\w-]{43}$`,
      ),
    );
    const left = Date.parse(String(made.body['expires_at'])) - Date.now();
    expect(left).toBeGreaterThan(57_000);
    expect(left).toBeLessThanOrEqual(60_000);
    for (const body of [
      { port: 9999 },
      { expires_in: 0 },
      { expires_in: 604_801 },
      { expires: 1 },
    ])
      expect(await api(`POST ${path}/preview-links`, body)).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      });
    expect((await api(`GET ${path}`)).body['visibility']).toBe('private');
    await api(`PATCH ${path}`, { visibility: 'public' });
    expect((await api(`POST ${path}/preview-links`, {})).body).toMatchObject({
      code: 'invalid_request',
      errors: [{ path: '/visibility' }],
    });
    expect(
      (await api(`DELETE /v1/sandboxes/${noSandbox()}/preview-links`)).status,
    ).toBe(404);
  });

  it('keeps no link in the database', async () => {
    const deps = await world();
    const { id, api } = await privateSleeper(deps);
    const key = { 'idempotency-key': 'once' };
    const made = await api(`POST /v1/sandboxes/${id}/preview-links`, {}, key);
    const pass = String(made.body['url']).split('.').at(-1) ?? '';
    for (const file of ['test.sqlite', 'test.sqlite-wal'])
      expect(readFileSync(`${deps.dataDir}/${file}`).includes(pass)).toBe(
        false,
      );
  });

  it("makes none of another tenant's sandbox, and revokes none", async () => {
    const deps = await world({
      SANDBOXD_API_AUTH_DISABLED: 'false',
      SANDBOXD_API_TOKENS: 'ann=secret-of-ann-0000,bob=secret-of-bob-0000',
    });
    const api = await listen(deps);
    const as = (name: string) => ({
      authorization: `Bearer secret-of-${name}-0000`,
    });
    const body = { visibility: 'private' };
    const { body: made } = await api('POST /sandbox', body, as('ann'));
    const path = `/v1/sandboxes/${String(made['id'])}/preview-links`;
    expect((await api(`POST ${path}`, {}, as('bob'))).status).toBe(404);
    expect((await api(`DELETE ${path}`, undefined, as('bob'))).status).toBe(
      404,
    );
    expect((await api(`POST ${path}`, {}, as('ann'))).status).toBe(201);
  });

  it('answers a change to private once the edge asks for links at each port, and takes the guards away again', async () => {
    let asked = 0;
    const edge = createServer(({ headers }, response) => {
      expect(headers['x-sandboxed-gate']).toBe('guarded?');
      asked += 1;
      // A guard of before, that it forgets in a moment.
      response.setHeader('x-sandboxed-gate', 'of before');
      const files = readdirSync(join(deps.dataDir, 'edge'));
      const text = files.map((name) =>
        readFileSync(join(deps.dataDir, 'edge', name), 'utf8'),
      );
      const mark = /x-sandboxed-guard":"(\w+)"/.exec(text[0] ?? '')?.[1];
      if (asked > 3 && mark !== undefined)
        response.setHeader('x-sandboxed-gate', mark);
      response.end();
    });
    const deps = await world({
      SANDBOXED_EDGE_URL: `http://127.0.0.1:${await listening(edge)}`,
    });
    const api = await listen(deps);
    const id = await running(deps, api, { ports: [3000, 8000] });
    const change = (visibility: string) =>
      api(`PATCH /v1/sandboxes/${id}`, { visibility });
    expect((await change('private')).body['visibility']).toBe('private');
    expect(asked).toBe(5);
    const files = [3000, 8000].map((port) => guardFile(deps.dataDir, id, port));
    for (const file of files)
      expect(readFileSync(file, 'utf8')).toContain('preview-guard@file');
    await change('public');
    expect(files.filter((file) => existsSync(file))).toEqual([]);
  });

  it('answers both of two changes to private at once when the edge has read the later one alone', async () => {
    const waiting: (() => void)[] = [];
    const edge = createServer((_request, response) => {
      // Asked by both: both guards were written by then.
      waiting.push(() => {
        const text = readFileSync(guardFile(deps.dataDir, id, 3000), 'utf8');
        const mark = /x-sandboxed-guard":"(\w+)"/.exec(text)?.[1] ?? '';
        response.setHeader('x-sandboxed-gate', mark).end();
      });
      if (waiting.length > 1) for (const each of waiting.splice(0)) each();
    });
    const deps = await world({
      SANDBOXED_EDGE_URL: `http://127.0.0.1:${await listening(edge)}`,
    });
    const api = await listen(deps);
    const id = await running(deps, api, {});
    const change = () =>
      api(`PATCH /v1/sandboxes/${id}`, { visibility: 'private' });
    const changed = await Promise.all([change(), change()]);
    expect(changed.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('says that a sandbox is private whose edge does not confirm it', async () => {
    const edge = createServer((_request, response) => response.end());
    const deps = await world({
      SANDBOXED_EDGE_URL: `http://127.0.0.1:${await listening(edge)}`,
    });
    const api = await listen(deps);
    const id = await running(deps, api, {});
    const changed = await api(`PATCH /v1/sandboxes/${id}`, {
      visibility: 'private',
    });
    expect(changed).toMatchObject({ status: 504, body: { code: 'timed_out' } });
    expect(deps.store.sandboxes.get(id)?.visibility).toBe('private');
  });
});

it('a sandbox that is made again under an id has none of the links of the one before', async () => {
  const deps = await world();
  const { id, api } = await privateSleeper(deps);
  const wake = await waking(deps);
  const link = await linkTo(api, id);
  const by = { actor: 'test', reason: 'test', now: 1 };
  deps.store.sandboxes.transition(id, 'delete', by);
  deps.store.sandboxes.transition(id, 'removed', by);
  await running(deps, api, { id, visibility: 'private' });
  const answer = await guardAsks(wake, hostOf(id), {}, link);
  answer.resume();
  expect(answer.statusCode).toBe(401);
});
