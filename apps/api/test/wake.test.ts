import type { SandboxId } from '@sandboxed/domain';
import { gateFile } from '@sandboxed/domain';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { World } from './support.ts';
import {
  cleanUp,
  finish,
  listen,
  noSandbox,
  running,
  world,
} from './support.ts';
import {
  agentSays,
  ask,
  hostOf,
  PAGE,
  POLL,
  textOf,
  waking,
} from './wake-support.ts';

afterEach(cleanUp);
afterEach(() => {
  jest.restoreAllMocks();
});

const BY = { actor: 'test', reason: 'test', now: 1 };

/** A sandbox that sleeps. */
async function sleeping(deps: World, body: object = {}): Promise<SandboxId> {
  const id = await running(deps, await listen(deps), body);
  deps.store.sandboxes.transition(id, 'stop', BY);
  deps.store.sandboxes.transition(id, 'exited', BY);
  return id;
}

/** Resolves when a start of the sandbox is queued. */
async function startQueued(
  { store, hub }: World,
  id: SandboxId,
): Promise<void> {
  while (store.jobs.mailbox(id).length === 0) await hub.changed(id);
}

/** Lets the queued start succeed, as a worker would. */
function started({ store }: World, id: SandboxId): void {
  store.sandboxes.transition(id, 'start', BY);
  store.sandboxes.transition(id, 'ready', BY);
  finish(store, id);
}

it('tells a worker that a gate is shut, and wakes nobody for it', async () => {
  const deps = await world();
  const id = await sleeping(deps);
  const port = await waking(deps);
  const answer = await ask(port, hostOf(id), { 'x-sandboxed-gate': 'shut?' });
  expect(answer.headers['x-sandboxed-gate']).toBe('shut');
  expect(deps.store.jobs.mailbox(id)).toEqual([]);
});

const FAILURE = {
  code: 'start_failed',
  message: 'No <libc> in it.',
  retryable: true,
} as const;

/** Lets the queued start fail for good. */
function failed({ store }: World, id: SandboxId): void {
  store.sandboxes.transition(id, 'start', BY);
  store.sandboxes.transition(id, 'fail', { ...BY, error: FAILURE });
  finish(store, id, { status: 'failed', error: FAILURE });
}

it('wakes a sandbox with one start however many ask, and each gets the app', async () => {
  const deps = await world();
  const id = await sleeping(deps);
  await agentSays(deps, id, () => true);
  const gate = gateFile(deps.dataDir, id, 3000);
  mkdirSync(dirname(gate), { recursive: true });
  writeFileSync(gate, '');
  const port = await waking(deps);
  const asked = Array.from({ length: 20 }, () => ask(port, hostOf(id)));
  await startQueued(deps, id);
  const [, start] = deps.store.jobs
    .list({ sandboxId: id, limit: 10 })
    .items.toReversed();
  expect(start).toMatchObject({ kind: 'start', requested_by: 'wake' });
  started(deps, id);
  for (const answer of await Promise.all(asked))
    expect([answer.statusCode, await textOf(answer)]).toEqual([200, 'the app']);
  expect(deps.store.jobs.list({ sandboxId: id, limit: 10 }).items).toHaveLength(
    2,
  );
  expect(existsSync(gate)).toBe(false);
});

it.each([
  ['/favicon.ico', {}],
  ['/apple-touch-icon-120x120.png', {}],
  ['/', { 'sec-purpose': 'prefetch;prerender' }],
  ['/', { purpose: 'prefetch' }],
])('does not wake for %s with %j', async (path, headers) => {
  const deps = await world();
  const id = await sleeping(deps);
  const { statusCode } = await ask(
    await waking(deps),
    hostOf(id),
    { ...PAGE, ...headers },
    path,
  );
  expect(statusCode).toBe(503);
  expect(deps.store.jobs.mailbox(id)).toEqual([]);
});

it.each([
  ['an unknown sandbox', hostOf(noSandbox()), 404, 'sandbox_not_found'],
  ['a name that is no preview', 'example.com', 404, 'not_found'],
])('tells programs and people of %s', async (_what, host, status, code) => {
  const port = await waking(await world());
  const program = await ask(port, host);
  const person = await ask(port, host, PAGE);
  expect([program.statusCode, person.statusCode]).toEqual([status, status]);
  expect(program.headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(await textOf(program))).toMatchObject({ status, code });
  expect(person.headers['content-type']).toContain('text/html');
  expect(person.headers['x-sandboxed-error']).toBe(code);
});

it('knows no port that the sandbox does not publish', async () => {
  const deps = await world();
  const id = await sleeping(deps);
  const answer = await ask(await waking(deps), hostOf(id, 4000));
  expect(answer.statusCode).toBe(404);
  expect(deps.store.jobs.mailbox(id)).toEqual([]);
});

it('leaves asleep what its owner wakes by hand', async () => {
  const deps = await world();
  const id = await sleeping(deps, { wake: 'manual' });
  const port = await waking(deps);
  const program = await ask(port, hostOf(id));
  expect(program.statusCode).toBe(503);
  expect(JSON.parse(await textOf(program))).toMatchObject({
    code: 'sandbox_not_running',
  });
  const person = await ask(port, hostOf(id), PAGE);
  expect(person.statusCode).toBe(503);
  expect(await textOf(person)).toContain('wake it by hand');
  expect(deps.store.jobs.mailbox(id)).toEqual([]);
});

it.each([
  [{}, JSON.stringify(FAILURE.message).slice(1, -1)],
  [PAGE, 'No &lt;libc> in it.'],
])('says why a start failed to %j', async (headers, text) => {
  const deps = await world();
  const id = await sleeping(deps);
  const asked = ask(await waking(deps), hostOf(id), headers);
  await startQueued(deps, id);
  failed(deps, id);
  const answer = await asked;
  expect(answer.statusCode).toBe(502);
  expect(answer.headers['x-sandboxed-error']).toBe('start_failed');
  expect(await textOf(answer)).toContain(text);
});

it('says that nothing listens on the port, once the app had its time', async () => {
  const deps = await world();
  const id = await running(deps, await listen(deps));
  const now = performance.now.bind(performance);
  await agentSays(deps, id, () => {
    jest.spyOn(performance, 'now').mockImplementation(() => now() + 60_000);
    return false;
  });
  const answer = await ask(await waking(deps), hostOf(id));
  expect(answer.statusCode).toBe(504);
  expect(JSON.parse(await textOf(answer))).toMatchObject({
    code: 'timed_out',
    detail: expect.stringContaining('listens on port 3000'),
  });
});

it('shows a person a page that waits when it takes longer', async () => {
  const deps = await world();
  const id = await sleeping(deps);
  const answer = await ask(await waking(deps), hostOf(id), PAGE);
  expect(answer.statusCode).toBe(503);
  expect(answer.headers['x-sandboxed-error']).toBeUndefined();
  expect(await textOf(answer)).toContain('Waking up');
});

describe('a poll of the waiting page', () => {
  it('follows the start that a person asked for, to the app', async () => {
    const deps = await world();
    const id = await sleeping(deps);
    await agentSays(deps, id, () => true);
    const port = await waking(deps);
    void ask(port, hostOf(id), PAGE).catch(() => undefined);
    await startQueued(deps, id);
    const poll = ask(port, hostOf(id), POLL);
    started(deps, id);
    expect((await poll).statusCode).toBe(200);
  });

  it('hears why a start failed and does not start again; a reload does', async () => {
    const deps = await world();
    const id = await sleeping(deps);
    const port = await waking(deps);
    void ask(port, hostOf(id), PAGE).catch(() => undefined);
    await startQueued(deps, id);
    failed(deps, id);
    const poll = await ask(port, hostOf(id), POLL);
    expect(poll.statusCode).toBe(502);
    expect(poll.headers['x-sandboxed-error']).toBe('start_failed');
    expect(JSON.parse(await textOf(poll))).toMatchObject({
      detail: FAILURE.message,
    });
    expect(deps.store.jobs.mailbox(id)).toEqual([]);
    void ask(port, hostOf(id), PAGE).catch(() => undefined);
    await startQueued(deps, id);
  });

  it('does not wake what fell asleep again, and keeps nothing awake', async () => {
    const deps = await world();
    const id = await sleeping(deps);
    deps.store.sandboxes.transition(id, 'start', BY);
    deps.store.sandboxes.transition(id, 'ready', BY);
    await agentSays(deps, id, () => true);
    const port = await waking(deps);
    const active = deps.store.sandboxes.get(id)?.last_active_at;
    expect((await ask(port, hostOf(id), POLL)).statusCode).toBe(200);
    expect(deps.store.sandboxes.get(id)?.last_active_at).toBe(active);
    deps.store.sandboxes.transition(id, 'stop', BY);
    deps.store.sandboxes.transition(id, 'exited', BY);
    const poll = await ask(port, hostOf(id), POLL);
    expect([poll.statusCode, poll.headers['x-sandboxed-error']]).toEqual([
      503,
      'sandbox_not_running',
    ]);
    expect(deps.store.jobs.mailbox(id)).toEqual([]);
  });
});
