import {
  mkdir,
  readdir,
  readFile,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Served } from './serve.ts';
import { serve } from './serve.ts';

const MIB = 1_048_576;

let served: Served;
let app: string;
let base: string;
let id: string;
beforeEach(async () => {
  served = await serve();
  const sandbox = await served.sandbox();
  ({ app } = sandbox);
  id = sandbox.id;
  base = `${served.url}/v1/sandboxes/${id}`;
});
afterEach(() => served.close());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

async function call(
  method: string,
  path: string,
  body?: RequestInit['body'] | object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const isRaw =
    body === undefined ||
    typeof body === 'string' ||
    body instanceof Uint8Array ||
    body instanceof ReadableStream;
  const response = await fetch(`${base}${path}`, {
    method,
    headers,
    duplex: 'half',
    ...(body !== undefined && { body: isRaw ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  const parsed: unknown = isJson ? JSON.parse(text) : undefined;
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: parsed,
  };
}

const problem = (status: number, code: string) => ({
  status,
  body: { status, code },
});

/** A body without a length, in pieces. */
function stream(total: number): ReadableStream {
  let left = total;
  return new ReadableStream({
    pull(controller) {
      const size = Math.min(left, 65_536);
      if (size > 0) controller.enqueue(new Uint8Array(size));
      left -= size;
      if (left === 0) controller.close();
    },
  });
}

it('writes, lists, reads, moves and removes, and counts a change as activity', async () => {
  const written = await call('PUT', '/files', { path: 'a/b', content: 'é' });
  expect(written).toMatchObject({
    status: 200,
    body: { path: 'a/b', size: 2 },
  });
  const sandbox = served.store.sandboxes.inStates(['creating'])[0];
  expect(sandbox?.last_active_at).toBeGreaterThan(1_000);

  await call('PUT', '/files', {
    path: 'a/b',
    content: Buffer.from('!').toString('base64'),
    encoding: 'base64',
    append: true,
  });
  expect((await call('GET', '/files/content?path=a/b')).text).toBe('é!');
  expect(await call('GET', '/files?path=a')).toMatchObject({
    status: 200,
    body: { path: 'a', entries: [{ path: 'a/b', type: 'file', size: 3 }] },
  });
  expect(
    await call('POST', '/files/move', { from: 'a/b', to: 'c' }),
  ).toMatchObject({ status: 200, body: { from: 'a/b', to: 'c' } });
  await call('POST', '/files/mkdir', { path: 'a/d' });
  const kept = { from: 'c', to: 'a/d', replace: false };
  expect(await call('POST', '/files/move', kept)).toMatchObject(
    problem(412, 'precondition_failed'),
  );
  expect(await call('DELETE', '/files?path=a')).toMatchObject(
    problem(409, 'file_conflict'),
  );
  await call('DELETE', '/files?path=a&recursive=true');
  expect(await call('GET', '/files?recursive=true')).toMatchObject({
    body: { entries: [{ path: 'c' }], truncated: false },
  });
});

it.each([
  ['GET', '/files?path=../x', '/query/path'],
  ['GET', '/files/content?path=/etc/passwd', '/query/path'],
  ['GET', '/files/content', '/query/path'],
  ['GET', '/files?path=a%00b', '/query/path'],
  ['PUT', '/files/content?path=a/../b', '/query/path'],
  ['DELETE', '/files?path=', '/query/path'],
])('%s %s is refused at its field', async (method, path, field) => {
  expect(await call(method, path)).toMatchObject({
    status: 400,
    body: { code: 'invalid_request', errors: [{ path: field }] },
  });
});

it('refuses bad paths in bodies, links, and sandboxes that are not there', async () => {
  await mkdir(app, { recursive: true });
  await symlink('/etc', join(app, 'l'));
  expect(
    await call('POST', '/files/move', { from: 'a', to: '../b' }),
  ).toMatchObject({ status: 400, body: { errors: [{ path: '/to' }] } });
  expect(await call('GET', '/files/content?path=l/passwd')).toMatchObject(
    problem(400, 'invalid_request'),
  );
  expect(await call('GET', '/files/content?path=none')).toMatchObject(
    problem(404, 'file_not_found'),
  );
  base = `${served.url}/sandbox/01ARZ3NDEKTSV4RRFFQ69G5FAV`;
  for (const [method, path] of [
    ['GET', '/files'],
    ['PUT', '/files/content?path=f'],
    ['GET', '/export'],
    ['POST', '/import'],
  ] as const)
    expect(await call(method, path)).toMatchObject(
      problem(404, 'sandbox_not_found'),
    );
});

it('refuses a change to a sandbox that is going away', async () => {
  const { store } = served;
  const sandbox = store.sandboxes.inStates(['creating'])[0];
  if (sandbox === undefined) throw new Error('no sandbox');
  store.sandboxes.transition(sandbox.id, 'delete', {
    actor: 'test',
    reason: 'test',
    now: 1,
  });
  expect(await call('PUT', '/files', { path: 'f', content: '' })).toMatchObject(
    problem(404, 'sandbox_not_found'),
  );
});

describe('a download', () => {
  beforeEach(async () => {
    await mkdir(app, { recursive: true });
    await writeFile(join(app, 'f'), '0123456789');
  });
  const get = (headers: Record<string, string> = {}) =>
    call('GET', '/files/content?path=f', undefined, headers);

  it.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=0-99', '0123456789', 'bytes 0-9/10'],
  ])('of %s is that part', async (range, text, contentRange) => {
    const answer = await get({ range });
    expect([answer.status, answer.text]).toEqual([206, text]);
    expect(answer.headers.get('content-range')).toBe(contentRange);
  });

  it.each(['bytes=1-2,5-6', 'lines=1-2', 'nonsense'])(
    'of %s is the whole',
    async (range) => {
      expect(await get({ range })).toMatchObject({
        status: 200,
        text: '0123456789',
      });
    },
  );

  it('of a range behind the end is refused with the size', async () => {
    const answer = await get({ range: 'bytes=10-' });
    expect(answer).toMatchObject(problem(416, 'range_not_satisfiable'));
    expect(answer.headers.get('content-range')).toBe('bytes */10');
  });

  it('is bytes of no kind, and 304 while the client has them', async () => {
    const first = await get();
    expect(first.headers.get('content-type')).toBe('application/octet-stream');
    expect(first.headers.get('x-content-type-options')).toBe('nosniff');
    const tag = first.headers.get('etag') ?? '';
    expect(await get({ 'if-none-match': tag })).toMatchObject({
      status: 304,
      text: '',
    });
    const range = { range: 'bytes=1-1', 'if-range': tag };
    expect(await get(range)).toMatchObject({ status: 206, text: '1' });
    await writeFile(join(app, 'f'), 'abcdefghij');
    expect(await get({ 'if-none-match': tag })).toMatchObject({ status: 200 });
    expect(await get(range)).toMatchObject({ status: 200, text: 'abcdefghij' });
  });

  it('answers HEAD with the size alone', async () => {
    const answer = await call('HEAD', '/files/content?path=f');
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(answer.headers.get('content-length')).toBe('10');
  });

  it('breaks off, and is not passed off as whole, when the file becomes shorter', async () => {
    await writeFile(join(app, 'f'), Buffer.alloc(64 * MIB));
    const response = await fetch(`${base}/files/content?path=f`);
    await truncate(join(app, 'f'), 0);
    await expect(response.arrayBuffer()).rejects.toThrow();
  });
});

describe('an upload', () => {
  it('takes any bytes, also without a length', async () => {
    const answer = await call(
      'PUT',
      '/files/content?path=d/f',
      stream(MIB + 7),
    );
    expect(answer).toMatchObject({ status: 200, body: { size: MIB + 7 } });
    expect((await readFile(join(app, 'd/f'))).length).toBe(MIB + 7);
  });

  it('beyond the limit is refused, told or not, and the client gets to read so', async () => {
    for (const body of [new Uint8Array(2 * MIB + 1), stream(8 * MIB)])
      expect(await call('PUT', '/files/content?path=f', body)).toMatchObject(
        problem(413, 'body_too_large'),
      );
    expect(await readdir(app)).toEqual([]);
  });

  it('that breaks off leaves nothing', async () => {
    const outgoing = request(`${base}/files/content?path=f`, { method: 'PUT' });
    outgoing.on('error', () => undefined);
    outgoing.write(Buffer.alloc(100_000));
    await until(async () => (await readdir(app).catch(() => [])).length === 1);
    outgoing.destroy();
    await until(async () => (await readdir(app)).length === 0);
  });
});

describe('a write that is held to a precondition', () => {
  const URLS = ['/files/content?path=f', '/files'];
  const put = (url: string, content: string, headers: Record<string, string>) =>
    call(
      'PUT',
      url,
      url === '/files' ? { path: 'f', content } : content,
      headers,
    );
  const first = async () => {
    const answer = await put('/files/content?path=f', 'first', {});
    return answer.headers.get('etag') ?? '';
  };

  it.each(URLS)('of %s is done while the file is as it was', async (url) => {
    const etag = await first();
    const read = await call('GET', '/files/content?path=f');
    expect(read.headers.get('etag')).toBe(etag);
    const second = await put(url, 'second', { 'if-match': etag });
    expect(second).toMatchObject({ status: 200 });
    const next = second.headers.get('etag') ?? '';
    expect(second.body).toMatchObject({ etag: next });
    expect(await put(url, 'lost', { 'if-match': etag })).toMatchObject(
      problem(412, 'precondition_failed'),
    );
    expect((await call('GET', '/files/content?path=f')).text).toBe('second');
    const any = { 'if-match': `"x", ${next}` };
    expect(await put(url, 'third', any)).toMatchObject({ status: 200 });
  });

  it.each(URLS)('of %s is done only if it is new', async (url) => {
    const isNew = { 'if-none-match': '*' };
    expect(await put(url, 'a', { 'if-match': '*' })).toMatchObject(
      problem(412, 'precondition_failed'),
    );
    expect(await put(url, 'a', isNew)).toMatchObject({ status: 200 });
    expect(await put(url, 'b', isNew)).toMatchObject(
      problem(412, 'precondition_failed'),
    );
    expect(await put(url, 'c', { 'if-match': '*' })).toMatchObject({
      status: 200,
    });
  });

  it('is refused when it cannot be meant', async () => {
    const etag = await first();
    for (const headers of [
      { 'if-match': 'no tag' },
      { 'if-none-match': etag },
      { 'if-match': etag, 'if-none-match': '*' },
    ])
      expect(await put('/files', 'x', headers)).toMatchObject(
        problem(400, 'invalid_request'),
      );
    const append = { path: 'f', content: 'x', append: true };
    expect(
      await call('PUT', '/files', append, { 'if-match': etag }),
    ).toMatchObject(problem(400, 'invalid_request'));
    expect((await call('GET', '/files/content?path=f')).text).toBe('first');
  });

  it('never matches a weak tag', async () => {
    const weak = { 'if-match': `W/${await first()}` };
    expect(await put('/files', 'x', weak)).toMatchObject(
      problem(412, 'precondition_failed'),
    );
  });

  it('is refused before its body has come', async () => {
    await first();
    expect(
      await call('PUT', '/files/content?path=f', stream(MIB), {
        'if-match': '"x"',
      }),
    ).toMatchObject(problem(412, 'precondition_failed'));
  });
});

it('a JSON body is bounded by 1 MiB still', async () => {
  const body = { path: 'f', content: 'x'.repeat(MIB) };
  expect(await call('PUT', '/files', body)).toMatchObject(
    problem(413, 'body_too_large'),
  );
});

it('exports a tree that an import gives back', async () => {
  await call('PUT', '/files', { path: 'a/b', content: 'content' });
  const response = await fetch(`${base}/export`);
  expect(response.headers.get('content-type')).toBe('application/gzip');
  const archive = new Uint8Array(await response.arrayBuffer());
  const other = await served.sandbox();
  base = `${served.url}/sandbox/${other.id}`;
  expect(await call('POST', '/import', archive)).toMatchObject({
    status: 200,
    body: { files: 1, bytes: 7 },
  });
  expect(await readFile(join(other.app, 'a/b'), 'utf8')).toBe('content');
  expect(await call('POST', '/import', 'no archive')).toMatchObject(
    problem(400, 'invalid_request'),
  );
});

it('says why an export cannot be, instead of breaking off', async () => {
  await mkdir(join(app, '..'), { recursive: true });
  await symlink('/etc', app);
  const answer = await call('GET', '/export');
  expect(answer).toMatchObject(problem(400, 'invalid_request'));
  expect(answer.headers.get('content-type')).toContain('problem+json');
});

it('answers a repeated move with the first answer', async () => {
  await call('PUT', '/files', { path: 'a', content: '' });
  const headers = { 'idempotency-key': 'once' };
  const move = (to: string) =>
    call('POST', '/files/move', { from: 'a', to }, headers);
  const first = await move('b');
  const again = await move('b');
  expect(again.body).toEqual(first.body);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(await move('c')).toMatchObject(problem(422, 'idempotency_mismatch'));
});

/** Resolves as soon as `condition` holds; the test's own time is the bound. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(10);
}
