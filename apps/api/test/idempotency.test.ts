import { jobIdSchema } from '@sandboxed/domain';
import { sendRaw } from './raw-http.ts';
import { cleanUp, listen, running, world } from './support.ts';

afterEach(cleanUp);

const KEY = { 'idempotency-key': 'a-key' };

it('answers one key the same under both families of paths', async () => {
  const deps = await world();
  const api = await listen(deps);
  const first = await api('POST /sandbox', { name: 'one' }, KEY);
  const again = await api('POST /v1/sandboxes', { name: 'one' }, KEY);
  expect([first.status, again.status]).toEqual([202, 202]);
  expect(again.body).toEqual(first.body);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(deps.store.sandboxes.list({ limit: 10 }).items).toHaveLength(1);
});

it('refuses a key that was used for another body or another sandbox', async () => {
  const deps = await world();
  const api = await listen(deps);
  const [one, other] = [await running(deps, api), await running(deps, api)];
  const exec = { shell: 'true' };
  await api(`POST /sandbox/${one}/exec`, exec, KEY);
  const calls = [
    await api(`POST /sandbox/${one}/exec`, { shell: 'false' }, KEY),
    await api(`POST /sandbox/${other}/exec`, exec, KEY),
    await api(`POST /sandbox/${one}/stop`, {}, KEY),
  ];
  for (const { status, body } of calls)
    expect([status, body['code']]).toEqual([422, 'idempotency_mismatch']);
  expect(deps.store.jobs.mailbox(one)).toHaveLength(1);
});

it('does the work of two concurrent requests under one key once', async () => {
  const deps = await world();
  const api = await listen(deps);
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => api('POST /sandbox', {}, KEY)),
  );
  expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
  expect(deps.store.sandboxes.list({ limit: 10 }).items).toHaveLength(1);
});

it('keeps the keys of different callers apart', async () => {
  const deps = await world({
    SANDBOXD_API_AUTH_DISABLED: 'false',
    SANDBOXD_API_TOKENS: 'ann:annannannannannann,ben:benbenbenbenbenben',
  });
  const api = await listen(deps);
  const as = (secret: string) =>
    api('POST /sandbox', {}, { ...KEY, authorization: `Bearer ${secret}` });
  const [ann, ben] = [
    await as('annannannannannann'),
    await as('benbenbenbenbenben'),
  ];
  expect([ann.status, ben.status]).toEqual([202, 202]);
  expect(ann.body['id']).not.toBe(ben.body['id']);
});

it('answers again what was accepted, also when its job is not kept any more', async () => {
  const deps = await world();
  const api = await listen(deps);
  const first = await api('POST /sandbox', {}, KEY);
  const id = jobIdSchema.parse(first.body['job_id']);
  const now = deps.now();
  deps.store.jobs.abandon(id, { status: 'succeeded', result: {} }, now);
  const later = now + 3_600_000 - 1;
  deps.store.trim({ now: later, keepMs: 60_000, maxBytes: 1, batch: 1_000 });
  expect(deps.store.jobs.get(id)).toBeUndefined();
  const again = await api('POST /sandbox?wait=5', {}, KEY);
  expect(again.status).toBe(202);
  expect(again.body).toEqual(first.body);
});

it('forgets a key when the request under it failed', async () => {
  const deps = await world();
  const api = await listen(deps);
  const { body } = await api('POST /sandbox');
  const id = String(body['id']);
  expect((await api('POST /sandbox', { id }, KEY)).status).toBe(409);
  expect((await api('POST /sandbox', {}, KEY)).status).toBe(202);
});

it.each<[string, readonly string[]]>([
  ['an empty one', ['Idempotency-Key:']],
  ['a space inside', ['Idempotency-Key: a key']],
  ['a tab inside', ['Idempotency-Key: a\tkey']],
  ['letters beyond ASCII', ['Idempotency-Key: k\u00e4']],
  ['256 characters', [`Idempotency-Key: ${'k'.repeat(256)}`]],
  ['two of it', ['Idempotency-Key: a', 'Idempotency-Key: b']],
])('refuses %s for a key, and does nothing', async (_what, headers) => {
  const deps = await world();
  const { url } = await listen(deps);
  const { status, text } = await sendRaw(url, [
    ...['POST /sandbox HTTP/1.1', 'Host: localhost', 'Content-Length: 0'],
    ...headers,
  ]);
  expect(status).toBe(400);
  expect(text).toContain('/Idempotency-Key');
  expect(deps.store.sandboxes.list({ limit: 1 }).items).toEqual([]);
});
