import { once } from 'node:events';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { createServer, request } from 'node:http';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { HttpServing } from '../src/http/serve.ts';
import { serve } from '../src/http/serve.ts';
import { MAX_SENT } from '../src/tools/inputs.ts';

/** An open installation: it lets in who is not spoken for. */
let seen: IncomingHttpHeaders[] = [];
let api: Server;
let mcp: HttpServing;
beforeEach(async () => {
  seen = [];
  api = createServer((incoming, response) => {
    seen.push(incoming.headers);
    const isSpokenFor = incoming.headers['x-forwarded-for'] !== undefined;
    const answer = isSpokenFor
      ? { code: 'forbidden_origin', detail: 'not from here' }
      : { items: [], next_cursor: null };
    let size = 0;
    incoming
      .on('data', (bytes: Buffer) => {
        size += bytes.length;
      })
      .once('end', () => {
        response
          .writeHead(isSpokenFor ? 403 : 200, {
            'content-type': 'application/json',
          })
          .end(JSON.stringify({ ...answer, size }));
      });
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  const address = api.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  mcp = await serve({
    baseUrl: `http://127.0.0.1:${port}`,
    version: '1',
    host: '127.0.0.1',
    port: 0,
  });
});
afterEach(async () => {
  await mcp.close();
  api.closeAllConnections();
  api.close();
});

const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'a test', version: '1' },
  },
});

/** Answers the status; fetch would not send a foreign `Host`. */
async function begin(headers: Record<string, string>): Promise<number> {
  const outgoing = request({
    host: '127.0.0.1',
    port: mcp.port,
    path: '/mcp',
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
  }).end(INITIALIZE);
  const status = new Promise<number>((resolve, reject) => {
    outgoing.once('error', reject).once('response', (incoming) => {
      incoming.resume();
      resolve(incoming.statusCode ?? 0);
    });
  });
  return status;
}

it('lets a program of this host use an open installation', async () => {
  expect(await begin({})).toBe(200);
});

it.each([
  ['another name', { host: 'rebound.example' }, '127.0.0.1'],
  [
    'a proxy, which says for whom it speaks',
    { 'x-forwarded-for': '203.0.113.9' },
    '203.0.113.9, 127.0.0.1',
  ],
  [
    'a proxy, with any token',
    { forwarded: 'for=x', authorization: 'Bearer x' },
    '127.0.0.1',
  ],
])('does not open it to the world: %s', async (_, headers, named) => {
  expect(await begin(headers)).toBe(403);
  expect(seen.map((each) => each['x-forwarded-for'])).toEqual([named]);
});

it('takes as much to write as the tool says, however it is escaped', async () => {
  const client = new Client({ name: 'a test', version: '1' });
  await client.connect(
    new StreamableHTTPClientTransport(
      new URL(`http://127.0.0.1:${mcp.port}/mcp`),
    ),
  );
  const content = '\u0001'.repeat(MAX_SENT);
  const answer = await client.callTool({
    name: 'write_file',
    arguments: { sandbox_id: 'x', path: 'a', content },
  });
  await client.close();
  expect(answer).toMatchObject({ structuredContent: { size: MAX_SENT } });
});

it.each([
  ['of another site', { origin: 'https://evil.example' }],
  ['of nowhere', { origin: 'null' }],
  ['that only loads something', { 'sec-fetch-site': 'cross-site' }],
])('refuses a page %s before anything is asked', async (_, headers) => {
  expect(await begin(headers)).toBe(403);
  expect(seen).toEqual([]);
});

it.each(['Basic eDp5', 'Bearer a b', 'Bearer '])(
  'takes no authorization but one bearer token: %s',
  async (authorization) => {
    expect(await begin({ authorization })).toBe(401);
    expect(seen).toEqual([]);
  },
);
