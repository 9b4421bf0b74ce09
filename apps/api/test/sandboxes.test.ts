import { existsSync } from 'node:fs';
import type { SandboxId } from '@sandboxed/domain';
import {
  DEFAULT_LIMITS,
  gateFile,
  MAX_KEEPALIVE_SECONDS,
} from '@sandboxed/domain';
import {
  cleanUp,
  finish,
  listen,
  noSandbox,
  running,
  world,
} from './support.ts';

afterEach(cleanUp);

it('merges labels by PATCH, null removes one, and leaves the rest alone', async () => {
  const deps = await world();
  const api = await listen(deps);
  const labels = { team: 'a', stage: 'test', kept: 'yes' };
  const id = await running(deps, api, { labels, name: 'before' });
  const { status, body } = await api(`PATCH /v1/sandboxes/${id}`, {
    labels: { team: 'b', stage: null, new: 'one' },
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    labels: { team: 'b', kept: 'yes', new: 'one' },
    name: 'before',
  });
  expect(body['labels']).not.toHaveProperty('stage');
  expect(deps.store.jobs.mailbox(id)).toEqual([]);
});

it('refuses labels that are not valid once merged, and changes nothing', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api, { labels: { team: 'a' } });
  const { status, body } = await api(`PATCH /v1/sandboxes/${id}`, {
    labels: { 'Not Valid': 'b' },
    name: 'after',
  });
  expect(status).toBe(400);
  expect(body['errors']).toMatchObject([{ path: '/labels/Not Valid' }]);
  expect(deps.store.sandboxes.get(id)).toMatchObject({
    labels: { team: 'a' },
    name: null,
  });
});

it('hands changed limits to the worker as a job', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  const { body } = await api(`PATCH /v1/sandboxes/${id}`, {
    limits: { memory_mb: 512 },
  });
  expect(body['limits']).toEqual({ ...DEFAULT_LIMITS, memory_mb: 512 });
  expect(deps.store.jobs.mailbox(id)).toMatchObject([{ kind: 'limits' }]);
});

it.each([
  [{ limits: { memory_mb: 1 } }, '/limits/memory_mb'],
  [{ idle_timeout_seconds: 1 }, '/idle_timeout_seconds'],
  [{ image: 'other' }, '/image'],
])('refuses PATCH %j at %s', async (change, path) => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  const { status, body } = await api(`PATCH /v1/sandboxes/${id}`, change);
  expect(status).toBe(400);
  expect(body['errors']).toMatchObject([{ path }]);
});

it('keeps alive until a time, for seconds, or for the idle timeout', async () => {
  const deps = await world();
  const api = await listen({ ...deps, now: () => 1_800_000_000_000 });
  const id = await running(deps, api, { idle_timeout_seconds: 90 });
  const until = async (body: object) =>
    (await api(`POST /sandbox/${id}/keepalive`, body)).body['keepalive_until'];
  expect(await until({ until: 1_800_000_500 })).toBe(1_800_000_500);
  expect(await until({ seconds: 60 })).toBe(1_800_000_060);
  expect(await until({})).toBe(1_800_000_090);
  const latest = 1_800_000_000 + MAX_KEEPALIVE_SECONDS;
  expect(await until({ until: latest + 1 })).toBe(latest);
  expect(deps.store.sandboxes.get(id)?.keepalive_until).toBe(latest * 1000);
});

it.each([
  [{ until: 1_799_999_999 }, '/until'],
  [{ until: 1_800_000_000 }, '/until'],
  [{ seconds: 0 }, '/seconds'],
  [{ seconds: MAX_KEEPALIVE_SECONDS + 1 }, '/seconds'],
  [{ until: 1_800_000_500, seconds: 5 }, '/until'],
])('refuses to keep alive with %j', async (asked, path) => {
  const deps = await world();
  const api = await listen({ ...deps, now: () => 1_800_000_000_000 });
  const id = await running(deps, api);
  const { status, body } = await api(`POST /sandbox/${id}/keepalive`, asked);
  expect(status).toBe(400);
  expect(body['errors']).toMatchObject([{ path }]);
});

it('stops what is at work only by force, which cancels the work', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  const exec = await api(`POST /sandbox/${id}/exec`, { shell: 'sleep 9' });
  const refused = await api(`POST /sandbox/${id}/stop`);
  expect([refused.status, refused.body['code']]).toEqual([409, 'busy']);
  expect(deps.store.jobs.mailbox(id)).toMatchObject([{ kind: 'exec' }]);
  expect((await api(`POST /sandbox/${id}/stop`, { force: true })).status).toBe(
    202,
  );
  const job = await api(`GET /v1/jobs/${String(exec.body['job_id'])}`);
  expect(job.body['status']).toBe('cancelled');
  expect(deps.store.jobs.mailbox(id)).toMatchObject([{ kind: 'stop' }]);
});

it('shuts the gates of a sandbox that nothing keeps from stopping, and leaves those of one at work', async () => {
  const deps = await world();
  const api = await listen(deps);
  const isShut = (id: SandboxId) =>
    existsSync(gateFile(deps.config.SANDBOXED_DATA_DIR, id, 3000));
  const idle = await running(deps, api);
  await api(`POST /sandbox/${idle}/stop`);
  expect(isShut(idle)).toBe(true);
  const busy = await running(deps, api);
  await api(`POST /sandbox/${busy}/exec`, { shell: 'sleep 9' });
  await api(`POST /sandbox/${busy}/stop`);
  await api(`POST /sandbox/${busy}/stop`, { force: true });
  expect(isShut(busy)).toBe(false);
});

it('starts what sleeps before a command, once', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  await api(`POST /sandbox/${id}/stop`);
  await api(`POST /sandbox/${id}/exec`, { shell: 'true' });
  await api(`POST /sandbox/${id}/exec`, { shell: 'true' });
  const kinds = () => deps.store.jobs.mailbox(id).map(({ kind }) => kind);
  expect(kinds()).toEqual(['stop', 'start', 'exec', 'exec']);
  finish(deps.store, id);
  expect(kinds()).toEqual(['start', 'exec', 'exec']);
});

it.each(['GET', 'PATCH', 'DELETE'])(
  'answers %s of no sandbox with 404',
  async (method) => {
    const api = await listen(await world());
    const { status, body } = await api(
      `${method} /v1/sandboxes/${noSandbox()}`,
      method === 'PATCH' ? {} : undefined,
    );
    expect([status, body['code']]).toEqual([404, 'sandbox_not_found']);
  },
);

it('tells in the list what those that run used last, and nothing that is old', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  const sample = { cpuNanos: 1, networkBytes: 1, cpuPercent: 12.5 };
  const measured = { memoryBytes: 1_048_576, processes: 3 };
  deps.store.samples.put(id, { at: deps.now(), ...sample, ...measured });
  const listed = async (): Promise<unknown> =>
    (await api('GET /v1/sandboxes')).body['items'];
  expect(await listed()).toMatchObject([
    { figures: { memory_bytes: 1_048_576, cpu_percent: 12.5, processes: 3 } },
  ]);
  const at = deps.now() - 61_000;
  deps.store.samples.put(id, { at, ...sample, ...measured });
  expect(await listed()).not.toMatchObject([{ figures: {} }]);
});
