import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { streamBody } from './stream-body.ts';

let server: Server;
beforeEach(async () => {
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Sends `head` and leaves the request open; answers what the server sees of it. */
async function begun(head: string) {
  const { port } = server.address() as AddressInfo;
  const outgoing = request({ port, host: '127.0.0.1', method: 'PUT' });
  outgoing.on('error', () => undefined);
  const arrived = once(server, 'request');
  outgoing.write(head);
  const [incoming] = (await arrived) as [IncomingMessage];
  return { outgoing, incoming };
}

async function read(body: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of body) text += chunk.toString();
  return text;
}

it('takes as long as it goes on', async () => {
  const { outgoing, incoming } = await begun('0');
  const body = streamBody(incoming, 100, 200);
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    if (sent < 10) outgoing.write(String(sent));
    else outgoing.end();
  }, 50);
  const text = await read(body);
  clearInterval(timer);
  expect(text).toBe('0123456789');
});

it('gives up after silence', async () => {
  const { incoming } = await begun('x');
  await expect(read(streamBody(incoming, 100, 50))).rejects.toMatchObject({
    code: 'timed_out',
  });
});

it('says that the client went away', async () => {
  const { outgoing, incoming } = await begun('x');
  const reading = read(streamBody(incoming, 100));
  outgoing.destroy();
  await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
});

it('ends at its bound and leaves the connection to be answered', async () => {
  const { incoming } = await begun('x'.repeat(101));
  await expect(read(streamBody(incoming, 100))).rejects.toMatchObject({
    code: 'body_too_large',
  });
  expect(incoming.destroyed).toBe(false);
});
