import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { SandboxId } from '@sandboxed/domain';
import { DEFAULT_LIMITS, diskLimit, sandboxIdSchema } from '@sandboxed/domain';
import { encodeHeader } from '../../../libs/files/src/tar/header.ts';
import type { Served } from './serve.ts';
import { serve } from './serve.ts';

const MIB = 1_048_576;

let served: Served;
let app: string;
let base: string;
let id: SandboxId;
beforeEach(async () => {
  served = await serve();
  const sandbox = await served.sandbox();
  ({ app } = sandbox);
  id = sandboxIdSchema.parse(sandbox.id);
  base = `${served.url}/v1/sandboxes/${id}`;
  served.store.sandboxes.patch(
    id,
    { limits: { ...DEFAULT_LIMITS, disk_mb: 64 } },
    1,
  );
});
afterEach(() => served.close());

/** As if it had been measured to leave so many bytes. */
function left(bytes: number, files = 1): void {
  const { store } = served;
  store.disk.add(id, { bytes: 0, files: 0 }, 1);
  const turn = store.disk.take(1);
  if (turn === undefined) throw new Error('not due');
  const used = diskLimit({ disk_mb: 64 }).bytes - bytes;
  const figures = { bytes: used, files, costMs: 1, at: 1, dueAt: null };
  store.disk.put(turn, figures);
}

async function call(method: string, path: string, body?: object | Buffer) {
  const response = await fetch(base + path, {
    method,
    ...(body !== undefined && {
      body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body),
    }),
  });
  const text = await response.text();
  const json: unknown = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: response.status, headers: response.headers, body: json };
}

const FULL = { status: 507, body: { code: 'disk_full', status: 507 } };
const tar = (bytes: number): Buffer =>
  gzipSync(
    Buffer.concat([
      encodeHeader({
        ...{ path: 'f', type: '0', size: bytes, mode: 0o644, link: '' },
        modifiedAtSeconds: 0,
      }),
      Buffer.alloc(bytes + ((512 - (bytes % 512)) % 512) + 1_024),
    ]),
  );

it('takes nothing while the host is short of disk, also for a sandbox that sleeps, and lets files be removed', async () => {
  await call('PUT', '/files', { path: 'a', content: 'x' });
  const space = { freeMb: 1, totalMb: 100_000, at: Date.now(), shortSince: 1 };
  served.store.disk.putSpace(space);
  for (const answer of [
    call('PUT', '/files', { path: 'b', content: 'x' }),
    call('PUT', '/files/content?path=b', Buffer.from('x')),
    call('POST', '/files/mkdir', { path: 'b' }),
    call('POST', '/import', tar(1)),
  ])
    expect(await answer).toMatchObject({
      ...FULL,
      body: { detail: expect.stringContaining('The host is short') as unknown },
    });
  expect(await readdir(app)).toEqual(['a']);
  expect((await call('DELETE', '/files?path=a')).status).toBe(200);
  const written = () => call('PUT', '/files', { path: 'b', content: 'x' });
  served.store.disk.putSpace({ ...space, shortSince: null });
  expect(await written()).toMatchObject({ status: 200 });
  // As a reaper that is gone left it.
  served.store.disk.putSpace({ ...space, at: space.at - 120_000 });
  expect(await written()).toMatchObject({ status: 200 });
});

it('refuses every write at the limit, says what to do, and still reads, moves and removes', async () => {
  await call('PUT', '/files', { path: 'a', content: 'x' });
  left(0);
  const refused = await call('PUT', '/files', { path: 'b', content: '' });
  expect(refused).toMatchObject({
    ...FULL,
    body: {
      detail: expect.stringMatching(
        /64 of 64 MiB.*Remove files or raise limits\.disk_mb/,
      ) as unknown,
    },
  });
  expect(refused.headers.get('retry-after')).toBe('10');
  for (const answer of [
    call('PUT', '/files', { path: 'a', content: 'y', append: true }),
    call('PUT', '/files/content?path=b', Buffer.from('')),
    call('POST', '/files/mkdir', { path: 'd' }),
    call('POST', '/import', tar(1)),
    call('POST', '/tasks', { agent: 'codex', prompt: 'x' }),
  ])
    expect(await answer).toMatchObject(FULL);
  expect(served.store.jobs.mailbox(id)).toEqual([]);
  expect(await readdir(app)).toEqual(['a']);
  expect(await call('GET', '/files')).toMatchObject({ status: 200 });
  const move = await call('POST', '/files/move', { from: 'a', to: 'c' });
  expect(move.status).toBe(200);
  expect((await call('DELETE', '/files?path=c')).status).toBe(200);
  // What was removed is counted again soon.
  expect(served.store.disk.take(Date.now())?.id).toBe(id);
});

it('refuses a write that does not fit, and takes one that does', async () => {
  left(1_000);
  const put = (size: number, append: boolean) =>
    call('PUT', '/files', { path: 'a', content: 'x'.repeat(size), append });
  for (const append of [false, true])
    expect(await put(1_001, append)).toMatchObject(FULL);
  expect((await put(1_000, false)).status).toBe(200);
});

it('refuses at the limit of files as well', async () => {
  left(MIB, diskLimit({ disk_mb: 64 }).files);
  const put = await call('PUT', '/files', { path: 'b', content: '' });
  expect(put).toMatchObject(FULL);
});

it('refuses an upload by its length before a byte of it is taken', async () => {
  left(MIB);
  const upload = request(`${base}/files/content?path=f`, {
    method: 'PUT',
    headers: { 'content-length': MIB + 1 },
  });
  upload.flushHeaders();
  const [response] = await once(upload, 'response');
  expect(response).toMatchObject({ statusCode: 507 });
  upload.destroy();
  const fits = await call('PUT', '/files/content?path=f', Buffer.alloc(MIB));
  expect(fits.status).toBe(200);
});

it('cuts an upload without a length where it passes the limit, and leaves nothing of it', async () => {
  left(MIB);
  const body = new ReadableStream({
    start(controller) {
      for (let sent = 0; sent <= MIB; sent += 65_536)
        controller.enqueue(new Uint8Array(65_536));
      controller.close();
    },
  });
  const response = await fetch(`${base}/files/content?path=f`, {
    ...{ method: 'PUT', body, duplex: 'half' },
  });
  expect(response.status).toBe(507);
  expect(await readdir(app)).toEqual([]);
});

it('refuses an import that would unpack beyond the limit, however small it is packed', async () => {
  left(MIB);
  const archive = tar(2 * MIB);
  expect(archive.length).toBeLessThan(MIB / 100);
  expect(await call('POST', '/import', archive)).toMatchObject(FULL);
  // What it has left is measured.
  expect(served.store.disk.take(Date.now())?.id).toBe(id);
  expect((await call('POST', '/import', tar(1_000))).status).toBe(200);
});

it('counts what it writes until that is measured: many small writes do not fit either', async () => {
  left(10 * 4_096 + 1);
  const answers: number[] = [];
  for (let index = 0; index < 12; index += 1) {
    const path = `f${index}`;
    answers.push((await call('PUT', '/files', { path, content: '' })).status);
  }
  expect(answers.join(' ')).toBe(`${'200 '.repeat(11)}507`);
});

it('goes by the limit as it is now', async () => {
  left(0);
  await call('PATCH', '', { limits: { disk_mb: 65 } });
  const put = { path: 'b', content: 'x' };
  expect((await call('PUT', '/files', put)).status).toBe(200);
  await call('PATCH', '', { limits: { disk_mb: 64 } });
  expect(await call('PUT', '/files', put)).toMatchObject(FULL);
});

it('tells what a sandbox has, once it was measured, and how limits are kept', async () => {
  expect((await call('GET', '')).body).not.toHaveProperty('disk');
  left(16 * MIB, 7);
  expect((await call('GET', '')).body).toMatchObject({
    disk: {
      used_mb: 48,
      limit_mb: 64,
      files: 7,
      files_limit: 50_000,
      measured_at: '1970-01-01T00:00:00.001Z',
    },
  });
  base = served.url;
  expect((await call('GET', '/v1/system')).body).toMatchObject({
    disk: {
      mode: 'measured',
      is_short: false,
      workspaces_mb: 48,
      workspaces_files: 7,
      levels: { ok: 1, high: 0, full: 0 },
    },
  });
  const metrics = await (await fetch(`${base}/metrics`)).text();
  expect(metrics).toContain(`sandboxed_workspaces_bytes ${48 * MIB}\n`);
  expect(metrics).toContain('sandboxed_disk_level{level="ok"} 1\n');
});
