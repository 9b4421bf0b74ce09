import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createHttpServer } from '../src/server/http.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0).reverse()) each();
});

/** What a connection is answered to `pieces`, which are sent one after the other, until it says `last` or is closed. */
async function say(pieces: readonly string[], last?: string): Promise<string> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'http-'));
  const socketPath = path.join(directory, 'sock');
  const { server } = createHttpServer(
    [
      {
        method: 'POST',
        pattern: /^\/echo$/,
        answer: async ({ body }) => Promise.resolve({ json: body() }),
      },
      {
        method: 'GET',
        pattern: /^\/lines$/,
        answer: () => ({
          async *open() {
            yield 'one\n';
            await Promise.resolve();
            yield 'two\n';
          },
        }),
      },
    ],
    (_head, socket) => socket.end('changed'),
  );
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const socket = net.connect(socketPath);
  undo.push(() => {
    socket.destroy();
    server.close();
    fs.rmSync(directory, { recursive: true });
  });
  let said = '';
  socket.setEncoding('utf8');
  const answered = new Promise<void>((resolve) => {
    socket.on('data', (piece: string) => {
      said += piece;
      if (last !== undefined && said.endsWith(last)) resolve();
    });
    socket.once('close', () => {
      resolve();
    });
  });
  for (const piece of pieces)
    await new Promise((resolve) => socket.write(piece, resolve));
  await answered;
  return said;
}

const post = (json: string): string =>
  `POST /echo HTTP/1.1\r\nHost: agent\r\nContent-Length: ${json.length}\r\n\r\n${json}`;
const bodiesOf = (said: string): string[] =>
  [...said.matchAll(/\r\n\r\n(\{[^}]*\})/g)].map(([, body = '']) => body);

it('reads a request however it is cut to pieces', async () => {
  const said = await say(post('{"a":1}').split(/(?=.)/su), '{"a":1}');
  expect(said).toMatch(/^HTTP\/1\.1 200 /);
  expect(bodiesOf(said)).toEqual(['{"a":1}']);
});

it('answers requests that came at once in their order, on a connection that it keeps', async () => {
  const said = await say([post('{"a":1}') + post('{"b":2}')], '{"b":2}');
  expect(bodiesOf(said)).toEqual(['{"a":1}', '{"b":2}']);
});

it('streams in chunks and takes the next request', async () => {
  const said = await say(
    [`GET /lines HTTP/1.1\r\n\r\n${post('{"c":3}')}`],
    '{"c":3}',
  );
  expect(said).toContain('\r\n\r\n4\r\none\n\r\n4\r\ntwo\n\r\n0\r\n\r\n');
});

it('leaves a connection to who changes its protocol', async () => {
  const said = await say([
    'GET /x HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: y\r\n\r\n',
  ]);
  expect(said).toBe('changed');
});

it.each([
  ['is not HTTP', 'hello\r\n\r\n', 400],
  ['is of an older HTTP', 'GET /lines HTTP/1.0\r\n\r\n', 400],
  [
    'has a body of a length that it does not tell',
    'POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n',
    411,
  ],
  [
    'has a length that is none',
    'POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n',
    411,
  ],
  [
    'has too long a body',
    `POST /echo HTTP/1.1\r\nContent-Length: ${'9'.repeat(9)}\r\n\r\n`,
    413,
  ],
  ['has too long a head', `GET /${'x'.repeat(20_000)}`, 431],
])('refuses what %s, and closes', async (_name, text, status) => {
  const said = await say([text]);
  expect(said).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(said).toMatch(/connection: close/);
});
