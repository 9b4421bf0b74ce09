import { once } from 'node:events';
import { request } from 'node:http';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { workspaceDir } from '@sandboxed/domain';
import { openStore } from '@sandboxed/store';
import { until } from '../../../libs/queue/test/support.ts';
import { afterwards, cleanUp, listen, running, world } from './support.ts';

afterEach(cleanUp);

const ADMIN = { authorization: 'Bearer adminadminadminadm' };
const SOON_MS = 5_000;

/** A sandbox of a tenant with a key, and a way to revoke that from another process. */
async function withKey(more: object = {}) {
  const deps = await world({ SANDBOXD_API_TOKENS: 'admin:adminadminadminadm' });
  const api = await listen(deps);
  const made = await api(
    'POST /v1/keys',
    { name: 'ci', tenant: 'ann', scopes: ['write'], ...more },
    ADMIN,
  );
  const key = { authorization: `Bearer ${String(made.body['secret'])}` };
  const id = await running(deps, (call, body) => api(call, body, key));
  const elsewhere = openStore({
    path: join(deps.dataDir, 'test.sqlite'),
    keyFile: join(deps.dataDir, 'secret.key'),
    onCommit: () => undefined,
    onError: () => undefined,
  });
  afterwards(() => {
    elsewhere.close();
  });
  return {
    deps,
    api,
    id,
    key,
    revoke: () => elsewhere.apiKeys.revoke(String(made.body['id']), Date.now()),
  };
}

/** Reads a stream to its end or break. Answers the milliseconds that this took. */
async function readToEnd(body: ReadableStream<Uint8Array> | null) {
  const began = performance.now();
  const reader = body?.getReader();
  try {
    while ((await reader?.read())?.done === false);
  } catch {
    // Cut off: an end like another.
  }
  return performance.now() - began;
}

it('cuts the streams of a revoked key within seconds, and no others', async () => {
  const { api, id, key, revoke } = await withKey();
  const path = `${api.url}/v1/sandboxes/${id}/events`;
  const stream = await fetch(path, { headers: key });
  const other = new AbortController();
  const others = await fetch(path, { headers: ADMIN, signal: other.signal });
  let isOver = false;
  const end = readToEnd(others.body).then(() => (isOver = true));
  revoke();
  expect(await readToEnd(stream.body)).toBeLessThan(SOON_MS);
  expect((await fetch(path, { headers: key })).status).toBe(401);
  expect(isOver).toBe(false);
  other.abort();
  await end;
});

it('cuts the streams of a key when its term is over', async () => {
  const { api, id, key } = await withKey({ expires_in_seconds: 2 });
  const path = `${api.url}/v1/sandboxes/${id}/events`;
  const stream = await fetch(path, { headers: key });
  expect(stream.status).toBe(200);
  expect(await readToEnd(stream.body)).toBeLessThan(SOON_MS);
});

it('cuts a held call of a revoked key, whose job goes on', async () => {
  const { deps, api, id, key, revoke } = await withKey();
  const body = { shell: 'true' };
  const began = performance.now();
  const held = api(`POST /sandbox/${id}/exec?wait=60`, body, key);
  const cut = held.then(
    () => 'answered',
    () => 'cut',
  );
  await until(() => deps.store.jobs.mailbox(id).length === 1);
  revoke();
  expect(await cut).toBe('cut');
  expect(performance.now() - began).toBeLessThan(SOON_MS);
  expect(deps.store.jobs.mailbox(id)).toMatchObject([
    { kind: 'exec', status: 'queued' },
  ]);
});

it('cuts an upload of a revoked key, and leaves nothing of it', async () => {
  const { deps, api, id, key, revoke } = await withKey();
  const home = workspaceDir(deps.dataDir, id);
  await mkdir(home, { recursive: true });
  const upload = request(
    `${api.url}/v1/sandboxes/${id}/files/content?path=big.bin`,
    { method: 'PUT', headers: key },
  );
  const cut = once(upload, 'error');
  upload.write(Buffer.alloc(100_000));
  const files = () =>
    readdirSync(home, { recursive: true }).filter((name) =>
      /\.(bin|tmp)$/.test(String(name)),
    );
  await until(() => files().length === 1);
  revoke();
  await cut;
  await until(() => files().length === 0);
});
