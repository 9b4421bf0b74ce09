import { createServer } from 'node:http';
import { createApp } from '../src/app.ts';
import { sendRaw } from './raw-http.ts';
import type { World } from './support.ts';
import { afterwards, cleanUp, listen, world } from './support.ts';

afterEach(cleanUp);

const OWN = 'Host: 127.0.0.1:9090';
const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** The open API of a fresh world. */
async function open(): Promise<{ deps: World; url: string }> {
  const deps = await world();
  return { deps, url: (await listen(deps)).url };
}

it.each<[string, readonly string[]]>([
  ['a name that DNS rebinding brought here', ['Host: evil.example:9090']],
  ['a name that begins like ours', ['Host: localhost.evil.example']],
  ['a name that ends like ours', ['Host: evil.localhost:9090']],
  ['an address that begins like ours', ['Host: 127.0.0.1.evil.example']],
  ['a preview of a sandbox', ['Host: s-a-3000.preview.localhost:9090']],
  ['all addresses of this host', ['Host: 0.0.0.0:9090']],
  ['another address of this host', ['Host: 172.17.0.1:9090']],
  ['our name with a user before it', ['Host: evil@localhost']],
  ['no name', ['Host:']],
  ['a port alone', ['Host: :9090']],
  ['a page of another site', [OWN, 'Origin: https://evil.example']],
  ['a page of another port', [OWN, 'Origin: http://127.0.0.1:3000']],
  ['our page by another name', [OWN, 'Origin: http://localhost:9090']],
  ['our page over TLS', [OWN, 'Origin: https://127.0.0.1:9090']],
  ['a page in a sandbox or of a file', [OWN, 'Origin: null']],
  ['an empty origin', [OWN, 'Origin:']],
  ['a link on another site', [OWN, 'Sec-Fetch-Site: cross-site']],
  ['a page of another port, by its mark', [OWN, 'Sec-Fetch-Site: same-site']],
  ['a mark that no browser sends', [OWN, 'Sec-Fetch-Site: None']],
  [
    'two marks',
    [OWN, 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: cross-site'],
  ],
  ['what a proxy speaks for', [OWN, 'X-Forwarded-For: 127.0.0.1']],
  ['what another proxy speaks for', [OWN, 'Forwarded: for=192.0.2.1']],
  [
    'a WebSocket of another site',
    [OWN, ...UPGRADE, 'Origin: https://evil.example'],
  ],
  ['a WebSocket under another name', ['Host: evil.example', ...UPGRADE]],
])('refuses %s, to look and to change', async (_what, headers) => {
  const { deps, url } = await open();
  for (const request of [
    ['GET /sandboxes HTTP/1.1', ...headers],
    ['HEAD /sandboxes HTTP/1.1', ...headers],
    ['POST /sandbox HTTP/1.1', ...headers, 'Content-Length: 0'],
    ['POST /v1/keys HTTP/1.1', ...headers, 'Content-Length: 0'],
  ]) {
    const { status, text } = await sendRaw(url, request);
    expect([request[0], status]).toEqual([request[0], 403]);
    if (request[0]?.startsWith('HEAD') !== true)
      expect(text).toContain('forbidden_origin');
    expect(text.toLowerCase()).not.toContain('access-control-allow');
  }
  expect(deps.store.sandboxes.list({ limit: 1 }).items).toEqual([]);
});

it('refuses a call that names no host at all', async () => {
  const { url } = await open();
  const newer = await sendRaw(url, ['GET /sandboxes HTTP/1.1']);
  const older = await sendRaw(url, ['GET /sandboxes HTTP/1.0']);
  expect([newer.status, older.status]).toEqual([400, 403]);
});

it('answers no preflight, so that no page may send what needs one', async () => {
  const { url } = await open();
  const { status, text } = await sendRaw(url, [
    'OPTIONS /sandbox HTTP/1.1',
    OWN,
    'Origin: https://evil.example',
    'Access-Control-Request-Method: POST',
  ]);
  expect(status).toBe(405);
  expect(text.toLowerCase()).not.toContain('access-control-allow');
});

it.each<[string, readonly string[]]>([
  ['what curl sends', [OWN, 'User-Agent: curl/8.14.1', 'Accept: */*']],
  ['our own page', [OWN, 'Origin: http://127.0.0.1:9090']],
  [
    'our own page, marked',
    [OWN, 'Origin: http://127.0.0.1:9090', 'Sec-Fetch-Site: same-origin'],
  ],
  ['an address that somebody typed in', [OWN, 'Sec-Fetch-Site: none']],
  ['the name without a port', ['Host: localhost']],
  ['the name in other letters', ['Host: LocalHost:9090']],
  ['another address of loopback', ['Host: 127.0.0.2:9090']],
  ['the address of IPv6', ['Host: [::1]:9090']],
])('lets %s look and change', async (_what, headers) => {
  const { deps, url } = await open();
  const get = await sendRaw(url, ['GET /sandboxes HTTP/1.1', ...headers]);
  expect(get.status).toBe(200);
  const body = ['Content-Type: application/x-www-form-urlencoded'];
  const post = await sendRaw(url, [
    'POST /sandbox HTTP/1.1',
    ...headers,
    ...body,
    'Content-Length: 0',
  ]);
  expect(post.status).toBe(202);
  expect(deps.store.sandboxes.list({ limit: 9 }).items).toHaveLength(1);
});

it('serves loopback of IPv6 like that of IPv4', async () => {
  const server = createServer(createApp(await world()));
  await new Promise<void>((resolve) => server.listen(0, '::1', resolve));
  afterwards(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the server has no port');
  const url = `http://[::1]:${address.port}`;
  expect((await fetch(`${url}/sandboxes`)).status).toBe(200);
});

it('does not tell pages from programs where tokens are asked for, whatever name it is called by', async () => {
  const deps = await world({
    SANDBOXD_API_TOKENS: 'ann:annannannannannann',
  });
  const { url } = await listen(deps);
  const { status } = await sendRaw(url, [
    'GET /sandboxes HTTP/1.1',
    'Host: api.example.org',
    'Authorization: Bearer annannannannannann',
  ]);
  expect(status).toBe(200);
});
