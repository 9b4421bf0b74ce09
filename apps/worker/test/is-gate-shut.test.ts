import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import { isGateShut } from '../src/is-gate-shut.ts';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function edge(answer: RequestListener): Promise<URL> {
  const server = createServer(answer);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('none');
  return new URL(`http://127.0.0.1:${address.port}`);
}

it('believes the wake listener, asked by the name of the preview', async () => {
  const asked: unknown[] = [];
  const url = await edge((request, response) => {
    asked.push(request.headers.host, request.headers['x-sandboxed-gate']);
    response.writeHead(503, { 'x-sandboxed-gate': 'shut' }).end();
  });
  expect(await isGateShut(url, 's-1-3000.preview.localhost')).toBe(true);
  expect(asked).toEqual(['s-1-3000.preview.localhost', 'shut?']);
});

it.each<[string, RequestListener]>([
  ['answers', (_request, response) => response.end('hello')],
  ['takes its time', () => undefined],
  ['breaks off', (request) => request.socket.destroy()],
])('is not deceived by an app that %s', async (_name, answer) => {
  expect(await isGateShut(await edge(answer), 'app')).toBe(false);
});

it('takes an edge that is down for one that reaches no app', async () => {
  const url = await edge(() => undefined);
  for (const server of servers.splice(0)) {
    server.close();
    await once(server, 'close');
  }
  expect(await isGateShut(url, 'app')).toBe(true);
});
