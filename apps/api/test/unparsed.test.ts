import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { answerUnparsed } from '../src/http/unparsed.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** All that comes back for raw bytes, until the other side closes. */
async function send(bytes: string): Promise<string> {
  const mine = createServer({ maxHeaderSize: 32_768 }, (_request, response) => {
    response.write('half of ');
  });
  server = mine;
  answerUnparsed(mine, () => 'REQUEST');
  mine.listen(0, '127.0.0.1');
  await once(mine, 'listening');
  const address = mine.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const socket = connect(port, '127.0.0.1');
  // A connection that is cut may say so.
  socket.on('error', () => undefined);
  socket.write(bytes);
  return text(socket).catch(() => 'cut');
}

it('answers headers beyond its bound by a problem document', async () => {
  const said = await send(
    `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`,
  );
  expect(said).toMatch(/^HTTP\/1\.1 431 .*\r\n/);
  expect(said).toContain('Content-Type: application/problem+json');
  expect(JSON.parse(said.slice(said.indexOf('{')))).toMatchObject({
    code: 'headers_too_large',
    request_id: 'REQUEST',
  });
});

it.each([
  ['noise', '\u0000\u0001\r\n\r\n'],
  [
    'two lengths',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
  ],
  [
    'a length and chunks',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  [
    'a header with a line feed of its own',
    'GET / HTTP/1.1\r\nHost: x\r\nA: b\nC\u0000: d\r\n\r\n',
  ],
])('refuses %s', async (_what, bytes) => {
  const said = await send(bytes);
  expect(said).toMatch(/^HTTP\/1\.1 400 .*\r\n/);
  expect(said).toContain('"code":"invalid_request"');
});

it('puts no second answer behind one that is under way', async () => {
  const said = await send('GET / HTTP/1.1\r\nHost: x\r\n\r\n\u0000\u0001\r\n');
  expect(said).not.toContain('problem');
});
