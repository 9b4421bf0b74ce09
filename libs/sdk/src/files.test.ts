import type { Answer, FakeApi } from '../test/fake-api.ts';
import { broken, fakeApi, json, refusal } from '../test/fake-api.ts';
import {
  ConflictError,
  ConnectionError,
  InvalidRequestError,
  LimitError,
  PreconditionFailedError,
} from './errors.ts';
import { Files } from './files.ts';
import { Client } from './http/client.ts';

let api: FakeApi | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

async function files(
  ...answers: readonly Answer[]
): Promise<{ readonly files: Files; readonly api: FakeApi }> {
  api = await fakeApi(...answers);
  const client = new Client({ baseUrl: api.baseUrl, silenceMs: 200 });
  return { api, files: new Files(client, 'S') };
}

const listing = (truncated: boolean, ...paths: readonly string[]): Answer =>
  json(200, {
    path: '',
    truncated,
    entries: paths.map((path) => ({
      ...{ path, type: 'file', size: 1, mode: '0644' },
      modified_at: '2026-11-28T09:30:00.000Z',
    })),
  });
const byte: Answer = (response) => {
  response.writeHead(206, { 'content-range': 'bytes 0-0/9' }).end('x');
};

it.each([
  ['src/', 'src', ''],
  ['./a', 'a', ''],
  ['src//./b/', 'src/b', 'src'],
])('tells what is at %s', async (path, found, above) => {
  const { files: it, api } = await files(listing(false, 'other', found));
  expect(await it.stat(path)).toMatchObject({ path: found });
  const search = new URL(api.came[0]?.url ?? '', api.baseUrl).searchParams;
  expect(search.get('path')).toBe(above);
});

it('knows that there is nothing, of a whole list and of no directory', async () => {
  const { files: it } = await files(
    listing(false, 'other'),
    refusal(404, 'file_not_found'),
  );
  expect(await it.stat('a')).toBeUndefined();
  expect(await it.exists('no/such')).toBe(false);
});

it('looks further than a list that is cut', async () => {
  const cut = listing(true, 'other');
  const { files: it, api } = await files(
    ...[cut, byte, cut, refusal(404, 'file_not_found')],
    ...[cut, refusal(409, 'file_conflict'), cut, byte],
  );
  expect(await it.exists('a')).toBe(true);
  expect(await it.exists('b')).toBe(false);
  expect(await it.exists('directory')).toBe(true);
  expect(api.came[1]).toMatchObject({
    url: '/v1/sandboxes/S/files/content?path=a',
    headers: { range: 'bytes=0-0' },
  });
  await expect(it.stat('a')).rejects.toThrow(LimitError);
});

it.each(['/etc/passwd', '../a', '', '.'])(
  'does not take %j for something that is missing',
  async (path) => {
    const { files: it } = await files(listing(false));
    await expect(it.stat(path)).rejects.toThrow(InvalidRequestError);
  },
);

it('reads a file again whose bytes broke off or went silent', async () => {
  const begun =
    (then: 'break' | 'stay'): Answer =>
    (response) => {
      response.writeHead(200, { 'content-length': '5' });
      response.write('by', () => {
        if (then === 'break') response.destroy();
      });
    };
  const { files: it, api } = await files(
    begun('break'),
    begun('stay'),
    (response) =>
      response.writeHead(200, { 'content-length': '5' }).end('bytes'),
  );
  expect(await it.read('a')).toBe('bytes');
  expect(api.came).toHaveLength(3);
});

it('takes its time over a file that comes slowly', async () => {
  const { files: it, api } = await files((response) => {
    let left = 5;
    const timer = setInterval(() => {
      response.write('x');
      left -= 1;
      if (left > 0) return;
      clearInterval(timer);
      response.end();
    }, 80);
  });
  expect(await it.readBytes('a')).toHaveLength(5);
  expect(api.came).toHaveLength(1);
});

it('leaves a stream to its reader, also one that is slower than silence', async () => {
  const { files: it } = await files((response) => {
    response.write('one');
    setTimeout(() => response.end('two'), 400);
  });
  const stream = await it.readStream('a');
  expect(await new Response(stream).text()).toBe('onetwo');
});

it('reads a file with its tag, and writes it only while it has that', async () => {
  const { files: it, api } = await files(
    (response) => response.writeHead(200, { etag: '"1"' }).end('text'),
    json(200, { path: 'a', size: 1, sha256: 's', etag: '"2"' }),
    refusal(412, 'precondition_failed'),
  );
  const read = await it.readTagged('a');
  expect(read).toEqual({ text: 'text', etag: '"1"' });
  const written = await it.write('a', 'x', { ifMatch: read.etag });
  expect(written.etag).toBe('"2"');
  expect(api.came[1]?.headers).toMatchObject({ 'if-match': '"1"' });
  const isNew = it.write('a', 'x', { ifNew: true });
  await expect(isNew).rejects.toThrow(PreconditionFailedError);
  await expect(isNew).rejects.toThrow(ConflictError);
  expect(api.came[2]?.headers).toMatchObject({ 'if-none-match': '*' });
});

it('moves a file to where nothing is to be replaced', async () => {
  const { files: it, api } = await files(refusal(412, 'precondition_failed'));
  await expect(it.move('a', 'b', { ifNew: true })).rejects.toThrow(
    PreconditionFailedError,
  );
  expect(api.came[0]?.body).toBe('{"from":"a","to":"b","replace":false}');
});

it('makes a conditional write once: after a lost answer it would be refused for what it did itself', async () => {
  const written = json(200, { path: 'a', size: 1, sha256: 's', etag: '"2"' });
  const { files: it, api } = await files(broken, written);
  await expect(it.write('a', 'x', { ifMatch: '"1"' })).rejects.toThrow(
    ConnectionError,
  );
  expect(api.came).toHaveLength(1);
  await it.write('a', 'x');
  expect(api.came).toHaveLength(2);
});
