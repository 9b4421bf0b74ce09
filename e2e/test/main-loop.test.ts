import { setTimeout as pause } from 'node:timers/promises';
import {
  call,
  exec,
  ok,
  preview,
  sandboxes,
  sandboxSchema,
  until,
  untilStatus,
  WEB_SERVICE,
} from '../src/stack.ts';

const fleet = sandboxes();
afterEach(() => fleet.clean(), 120_000);

it('goes the whole way: create, exec, serve, preview, idle, wake, delete, create again, purge', async () => {
  const { id, preview_urls } = await fleet.create({
    idle_timeout_seconds: 5,
  });
  const url = preview_urls['3000'] ?? '';
  expect(url).toContain(id.toLowerCase());

  await exec(id, 'echo kept > note');
  await ok('PUT', `/v1/sandboxes/${id}/services/web?wait=30`, WEB_SERVICE);
  await until('the preview to answer', 30_000, async () => {
    const answer = await preview(url, { path: '/first' });
    return answer.status === 200 && answer.text.startsWith('GET /first')
      ? answer
      : undefined;
  });

  const slept = await untilStatus(id, 'stopped', 120_000);
  expect(slept.status_reason).toBe('idle');

  const woken = await preview(url, {
    method: 'POST',
    path: '/hook?x=1',
    body: 'a body of its own',
  });
  expect(woken.status).toBe(200);
  expect(woken.text).toBe('POST /hook?x=1 a body of its own note=kept\n');
  await untilStatus(id, 'running', 10_000);

  await ok('DELETE', `/sandbox/${id}?wait=60`);
  expect((await call('GET', `/sandbox/${id}`)).status).toBe(404);

  await fleet.create({ id });
  expect((await exec(id, 'cat note')).stdout).toBe('kept\n');

  await ok('POST', `/sandbox/${id}/purge?wait=60`);
  await fleet.create({ id });
  expect((await exec(id, 'ls')).stdout).toBe('');
}, 300_000);

it('lets no request fall between a stop and the wake that it causes', async () => {
  const { id, preview_urls } = await fleet.create({ idle_timeout_seconds: 5 });
  const url = preview_urls['3000'] ?? '';
  await ok('PUT', `/v1/sandboxes/${id}/services/web?wait=30`, WEB_SERVICE);
  await until('the preview to answer', 30_000, async () => {
    const answer = await preview(url);
    return answer.status === 200 ? answer : undefined;
  });

  await until('the idle stop to begin', 120_000, async () => {
    const { status } = sandboxSchema.parse(await ok('GET', `/sandbox/${id}`));
    return status === 'running' ? undefined : status;
  });
  const answers = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      await pause(index * 50);
      const { status } = await preview(url, { method: 'POST', body: 'x' });
      return status;
    }),
  );
  expect(new Set(answers)).toEqual(new Set([200]));
}, 300_000);

it('answers a request right behind a stop with the app itself', async () => {
  const { id, preview_urls } = await fleet.create();
  const url = preview_urls['3000'] ?? '';
  await ok('PUT', `/v1/sandboxes/${id}/services/web?wait=30`, WEB_SERVICE);
  for (let round = 0; round < 5; round += 1) {
    expect((await preview(url)).status).toBe(200);
    await ok('POST', `/v1/sandboxes/${id}/stop?wait=30`, { force: true });
    const { status, text } = await preview(url, { path: '/again' });
    expect([status, text]).toEqual([200, 'GET /again  note=']);
  }
}, 120_000);

it('holds every request to an app that is not listening yet, and answers each with the app', async () => {
  const { id, preview_urls } = await fleet.create();
  const url = preview_urls['3000'] ?? '';
  await ok('PUT', `/v1/sandboxes/${id}/services/web?wait=30`, {
    ...WEB_SERVICE,
    command: `sleep 3; ${WEB_SERVICE.command}`,
  });
  const answers = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      await pause(index * 100);
      const { status } = await preview(url, { method: 'POST', body: 'x' });
      return status;
    }),
  );
  expect(new Set(answers)).toEqual(new Set([200]));
}, 120_000);

it('does the same through both families of paths', async () => {
  const { id } = await fleet.create();
  const short = sandboxSchema.parse(await ok('GET', `/sandbox/${id}`));
  const long = sandboxSchema.parse(
    await ok('GET', `/v1/sandboxes/${id.toLowerCase()}`),
  );
  expect(long.id).toBe(short.id);
  await ok('POST', `/v1/sandboxes/${id}/stop?wait=60`);
  await ok('POST', `/wake/${id}?wait=60`);
  await untilStatus(id, 'running', 1_000);
}, 120_000);

it('starts a stopped sandbox for an exec that is sent to it', async () => {
  const { id } = await fleet.create();
  await ok('POST', `/v1/sandboxes/${id}/stop?wait=60`);
  expect((await exec(id, 'echo back')).stdout).toBe('back\n');
}, 120_000);

it('runs an exec that is sent right behind its create', async () => {
  const { body } = await call('POST', '/sandbox', {});
  const { id } = sandboxSchema.parse(body);
  fleet.track(id);
  expect(await exec(id, 'echo hello; echo oops >&2; exit 3')).toMatchObject({
    exit_code: 3,
    stdout: 'hello\n',
    stderr: 'oops\n',
  });
}, 120_000);
