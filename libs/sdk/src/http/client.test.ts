import { ended } from '../jobs.ts';
import {
  AuthenticationError,
  ConnectionError,
  InvalidRequestError,
  LimitError,
  NotFoundError,
  SandboxedError,
  UnavailableError,
} from '../errors.ts';
import type { Answer, FakeApi } from '../../test/fake-api.ts';
import { broken, fakeApi, json, refusal } from '../../test/fake-api.ts';
import { Client } from './client.ts';
import type { Connection } from './connection.ts';

let api: FakeApi | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

async function client(
  answers: readonly Answer[],
  more: Partial<Connection> = {},
): Promise<{ readonly client: Client; readonly api: FakeApi }> {
  api = await fakeApi(...answers);
  return { api, client: new Client({ baseUrl: api.baseUrl, ...more }) };
}

const create = (it: Client, signal?: AbortSignal) =>
  it.json(
    'post',
    '/v1/sandboxes',
    { body: { name: 'x' } },
    signal === undefined ? {} : { signal },
  );
const nothing = (): Promise<undefined> => Promise.resolve(undefined);
const MADE = json(202, { id: 'S', job_id: 'J' });

it('sends the token, the body and the parameters where they belong', async () => {
  const { client: it, api } = await client([json(200, { items: [] })], {
    token: 'secret',
  });
  await it.json('get', '/v1/sandboxes/{id}/files', {
    params: { id: 'a/b' },
    query: { path: 'src/ä b' },
  });
  expect(api.came).toMatchObject([
    {
      method: 'GET',
      url: '/v1/sandboxes/a%2Fb/files?path=src%2F%C3%A4+b',
      headers: { authorization: 'Bearer secret' },
    },
  ]);
  expect(api.came[0]?.headers).not.toHaveProperty('idempotency-key');
});

it.each(['', '.', '..'])(
  'refuses the parameter %j, which would lead to another path',
  async (id) => {
    const { client: it, api } = await client([json(200, {})]);
    const params = { id: 'S', name: id };
    const call = it.json('delete', '/v1/sandboxes/{id}/services/{name}', {
      params,
    });
    await expect(call).rejects.toThrow(InvalidRequestError);
    await expect(call).rejects.toMatchObject({ retryable: false });
    expect(api.came).toEqual([]);
  },
);

it('tries again after 503, 429 and a broken connection, as the very same request', async () => {
  const { client: it, api } = await client([
    refusal(503, 'store_unavailable', { 'retry-after': '0' }),
    refusal(429, 'rate_limited', { 'retry-after': '0' }),
    broken,
    MADE,
  ]);
  expect(await create(it)).toMatchObject({ id: 'S' });
  expect(api.came).toHaveLength(4);
  const keys = api.came.map(({ headers }) => headers['idempotency-key']);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(api.came.map(({ body }) => body)).size).toBe(1);
});

it('gives each request a key of its own', async () => {
  const { client: it, api } = await client([MADE]);
  await create(it);
  await create(it);
  const keys = api.came.map(({ headers }) => headers['idempotency-key']);
  expect(new Set(keys).size).toBe(2);
});

it('waits as long as Retry-After says', async () => {
  const { client: it } = await client([
    refusal(429, 'rate_limited', { 'retry-after': '1' }),
    MADE,
  ]);
  const before = performance.now();
  await create(it);
  expect(performance.now() - before).toBeGreaterThanOrEqual(995);
});

it('leaves it to the caller when it would have to wait for long', async () => {
  const { client: it, api } = await client([
    refusal(503, 'no_capacity', { 'retry-after': '3600' }),
  ]);
  const error: unknown = await create(it).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UnavailableError);
  expect(error).toMatchObject({
    code: 'no_capacity',
    status: 503,
    requestId: 'R1',
    retryAfterSeconds: 3600,
    retryable: true,
  });
  expect(api.came).toHaveLength(1);
});

it('gives up in the end, with what it was told last', async () => {
  const { client: it, api } = await client(
    [refusal(429, 'rate_limited', { 'retry-after': '0' })],
    { maxRetries: 2 },
  );
  await expect(create(it)).rejects.toThrow(LimitError);
  expect(api.came).toHaveLength(3);
});

it('gives up on a host that never answers', async () => {
  const { client: it, api } = await client([broken], { maxRetries: 1 });
  await expect(create(it)).rejects.toThrow(ConnectionError);
  expect(api.came).toHaveLength(2);
});

it('does not try again what would be refused again', async () => {
  const { client: it, api } = await client([refusal(401, 'unauthenticated')]);
  await expect(create(it)).rejects.toThrow(AuthenticationError);
  expect(api.came).toHaveLength(1);
});

it('does not try again a held call whose job failed', async () => {
  const { client: it, api } = await client([refusal(503, 'no_capacity')]);
  const held = it.json('post', '/v1/sandboxes/{id}/exec', {
    params: { id: 'S' },
    query: { wait: 30 },
    body: { shell: 'true' },
  });
  await expect(held).rejects.toThrow(UnavailableError);
  expect(api.came).toHaveLength(1);
});

it('makes a call once whose answer is a secret, and sends no key with it', async () => {
  const { client: it, api } = await client([broken]);
  const made = it.json('post', '/v1/keys', {
    body: { name: 'k', scopes: ['read'] },
  });
  await expect(made).rejects.toThrow(ConnectionError);
  expect(api.came).toHaveLength(1);
  expect(api.came[0]?.headers).not.toHaveProperty('idempotency-key');
});

it('sends a stream once', async () => {
  const { client: it, api } = await client([
    refusal(503, 'store_unavailable', { 'retry-after': '0' }),
  ]);
  const sent = it.raw(
    {
      method: 'put',
      path: '/v1/sandboxes/{id}/files/content',
      params: { id: 'S' },
      body: new Blob(['bytes']).stream(),
    },
    nothing,
  );
  await expect(sent).rejects.toThrow(UnavailableError);
  expect(api.came).toMatchObject([{ body: 'bytes' }]);
});

it('tells of an answer of something else that stands between', async () => {
  const { client: it } = await client(
    [(response) => response.writeHead(502).end('<html>bad gateway')],
    { maxRetries: 0 },
  );
  await expect(create(it)).rejects.toMatchObject({
    code: 'no_problem_document',
    status: 502,
    retryable: true,
  });
});

it('keeps to an unknown code of a later version', async () => {
  const { client: it } = await client([refusal(418, 'is_a_teapot')]);
  const error: unknown = await create(it).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SandboxedError);
  expect(error).toMatchObject({ code: 'is_a_teapot', status: 418 });
});

it('ends with the reason of the signal, in a pause and during a call', async () => {
  const why = new Error('enough');
  const paused = new AbortController();
  const { client: it } = await client([
    (response, request) => {
      refusal(503, 'store_unavailable', { 'retry-after': '50' })(
        response,
        request,
      );
      response.on('close', () => {
        paused.abort(why);
      });
    },
  ]);
  await expect(create(it, paused.signal)).rejects.toBe(why);
  await api?.close();

  const called = new AbortController();
  const second = await client([
    () => {
      called.abort(why);
    },
  ]);
  await expect(create(second.client, called.signal)).rejects.toBe(why);
  expect(second.api.came).toHaveLength(1);
});

it('takes silence for a broken connection', async () => {
  const { client: it, api } = await client([() => undefined, MADE], {
    silenceMs: 50,
  });
  expect(await create(it)).toMatchObject({ id: 'S' });
  expect(api.came).toHaveLength(2);
});

it('does not take a slow upload for silence', async () => {
  const { client: it, api } = await client(
    [
      (response) => {
        setTimeout(() => response.end('{}'), 150);
      },
    ],
    { silenceMs: 50 },
  );
  const sent = await it.raw(
    {
      method: 'put',
      path: '/v1/sandboxes/{id}/files/content',
      params: { id: 'S' },
      body: 'bytes',
    },
    (response) => Promise.resolve(response.status),
  );
  expect(sent).toBe(200);
  expect(api.came).toHaveLength(1);
});

it('waits for a job for as long as it takes', async () => {
  const { client: it, api } = await client([
    json(200, { id: 'J', status: 'running' }),
    json(200, { id: 'J', status: 'succeeded' }),
  ]);
  expect(await ended(it, 'J')).toMatchObject({ status: 'succeeded' });
  expect(api.came.map(({ url }) => url)).toEqual([
    '/v1/jobs/J?wait=30',
    '/v1/jobs/J?wait=30',
  ]);
});

it('asks to be answered before it takes silence for a broken connection', async () => {
  const { client: it, api } = await client(
    [json(200, { id: 'J', status: 'succeeded' })],
    { silenceMs: 10_000 },
  );
  await ended(it, 'J');
  expect(api.came[0]?.url).toBe('/v1/jobs/J?wait=5');
});

it('waits for a job by time, however often it is not answered', async () => {
  const { client: it, api } = await client(
    [broken, broken, json(200, { id: 'J', status: 'succeeded' })],
    { maxRetries: 0 },
  );
  expect(await ended(it, 'J')).toMatchObject({ status: 'succeeded' });
  expect(api.came).toHaveLength(3);
});

it('has no more patience with a job than it is given', async () => {
  const { client: it } = await client([broken], { patienceMs: 50 });
  await expect(ended(it, 'J')).rejects.toThrow(ConnectionError);
});

it.each([502, 503, 504])(
  'tries again what a proxy answers with %i',
  async (status) => {
    const { client: it, api } = await client([
      (response) => response.writeHead(status).end('<html>'),
      MADE,
    ]);
    expect(await create(it)).toMatchObject({ id: 'S' });
    expect(api.came).toHaveLength(2);
  },
);

it('does not try again what failed in the sandbox', async () => {
  const { client: it, api } = await client([refusal(504, 'timed_out')]);
  await expect(create(it)).rejects.toMatchObject({ code: 'timed_out' });
  expect(api.came).toHaveLength(1);
});

const removal = (it: Client) =>
  it.remove('/v1/sandboxes/{id}/files', {
    params: { id: 'S' },
    query: { path: 'a' },
  });

it('has removed what is gone after an answer that was lost', async () => {
  const { client: it, api } = await client([
    broken,
    refusal(404, 'file_not_found'),
  ]);
  expect(await removal(it)).toBeUndefined();
  expect(api.came).toHaveLength(2);
});

it('has not removed what never was there', async () => {
  const gone = refusal(404, 'file_not_found');
  const { client: it } = await client([gone]);
  await expect(removal(it)).rejects.toThrow(NotFoundError);
  await api?.close();

  const refused = await client([
    refusal(429, 'rate_limited', { 'retry-after': '0' }),
    gone,
  ]);
  await expect(removal(refused.client)).rejects.toThrow(NotFoundError);
});
