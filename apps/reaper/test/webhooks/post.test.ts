import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import { afterwards, cleanUp } from '../../../../libs/queue/test/support.ts';
import { createAddressGuard } from '../../src/webhooks/address-guard.ts';
import { createSendPost } from '../../src/webhooks/post.ts';

afterEach(cleanUp);

/** A receiver on loopback; answers its port. */
async function receiver(listener: RequestListener): Promise<number> {
  const server: Server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterwards(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the server has no port');
  return address.port;
}

function post(
  url: string,
  allow: readonly string[],
  names: readonly string[] = [],
  tryMs = 500,
) {
  const left = [...names];
  const guard = createAddressGuard(allow, () =>
    Promise.resolve([{ address: left.shift() ?? '127.0.0.1', family: 4 }]),
  );
  return createSendPost(guard, { http: true, tryMs })({
    url,
    headers: { 'webhook-id': 'a' },
    body: '{"a":"ö"}',
    signal: new AbortController().signal,
  });
}
const LOOPBACK = ['127.0.0.1'];

it('sends the bytes and answers the status', async () => {
  let heard = '';
  const port = await receiver((request, response) => {
    request.on('data', (chunk) => (heard += String(chunk)));
    request.on('end', () => response.writeHead(204).end());
  });
  expect(await post(`http://127.0.0.1:${port}/a`, LOOPBACK)).toBe(204);
  expect(heard).toBe('{"a":"ö"}');
});

it('connects nobody to a private address: given, named, or named so at the second look alone', async () => {
  let calls = 0;
  const port = await receiver((_request, response) => {
    calls += 1;
    response.end();
  });
  for (const host of ['127.0.0.1', '[::ffff:127.0.0.1]', 'name.example'])
    await expect(post(`http://${host}:${port}/`, [])).rejects.toThrow(
      'not delivered to',
    );
  // Rebinding: the only look is that of the connection itself, so there is no second answer to fall for.
  const rebound = post(
    `http://name.example:${port}/`,
    ['127.0.0.1'],
    ['10.0.0.1', '127.0.0.1'],
  );
  await expect(rebound).rejects.toThrow('not delivered to');
  expect(calls).toBe(0);
});

it('follows no redirect', async () => {
  let calls = 0;
  const port = await receiver((_request, response) => {
    calls += 1;
    response.writeHead(302, { location: '/other' }).end();
  });
  expect(await post(`http://127.0.0.1:${port}/`, LOOPBACK)).toBe(302);
  expect(calls).toBe(1);
});

it('gives up on a receiver that says nothing', async () => {
  const port = await receiver(() => undefined);
  await expect(post(`http://127.0.0.1:${port}/`, LOOPBACK)).rejects.toThrow(
    'no answer within 500 ms',
  );
});

it('ends an answer that does not end', async () => {
  const port = await receiver((_request, response) => {
    const pour = (): void => {
      while (response.write(Buffer.alloc(16_384)));
      response.once('drain', pour);
    };
    response.writeHead(200);
    pour();
    response.on('close', () => {
      closed();
    });
  });
  let closed: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (closed = resolve));
  expect(await post(`http://127.0.0.1:${port}/`, LOOPBACK)).toBe(200);
  await ended;
});

it('is rid of the connection before it says how it went', async () => {
  const closed: Promise<unknown>[] = [];
  const port = await receiver((_request, response) => {
    closed.push(once(response, 'close'));
    response.writeHead(200).write('and so on');
  });
  const status = await post(`http://127.0.0.1:${port}/`, LOOPBACK, [], 60_000);
  expect(status).toBe(200);
  await Promise.all(closed);
}, 10_000);

it('sends nothing without TLS unless that is allowed', async () => {
  const guard = createAddressGuard(LOOPBACK, () => Promise.resolve([]));
  const send = createSendPost(guard, { http: false });
  const { signal } = new AbortController();
  await expect(
    send({ url: 'http://127.0.0.1:1/', headers: {}, body: '', signal }),
  ).rejects.toThrow('only https');
});
