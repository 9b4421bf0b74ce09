import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { DomainError } from '@sandboxed/domain';
import { WebSocket } from 'ws';
import type { Viewer, ViewerInput } from '../src/terminal/viewer.ts';
import { accept, createViewer } from '../src/terminal/viewer.ts';
import { afterwards, cleanUp, listening } from './support.ts';

afterEach(cleanUp);

interface Place {
  readonly port: number;
  /** Of the next connection. */
  readonly viewer: Promise<Viewer>;
}

async function place(input: Partial<ViewerInput> = {}): Promise<Place> {
  const made = Promise.withResolvers<Viewer>();
  const server = createServer();
  server.on('upgrade', (request) => {
    accept(request, new AbortController().signal).then((socket) => {
      const all = { typed: () => undefined, resized: () => undefined };
      made.resolve(createViewer(socket, { ...all, ...input }));
    }, made.reject);
  });
  return { port: await listening(server), viewer: made.promise };
}

/** Resolves once the viewer is gone. */
async function goneOf({ gone }: Viewer): Promise<void> {
  if (!gone.aborted) await once(gone, 'abort');
}

/** A client that reads nothing after the handshake. */
async function deaf(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  afterwards(() => socket.destroy());
  socket.on('error', () => undefined);
  socket.write(
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  await once(socket, 'readable');
  return socket;
}

/** A frame of a client, masked with zeros. */
function frame(opcode: number, text: string): Buffer {
  return Buffer.concat([
    Buffer.from([0x80 | opcode, 0x80 | text.length, 0, 0, 0, 0]),
    Buffer.from(text),
  ]);
}

it('takes nothing any more of one that it failed, which counts as gone', async () => {
  const typed: Buffer[] = [];
  const here = await place({ typed: (bytes) => typed.push(bytes) });
  const client = new WebSocket(`ws://127.0.0.1:${here.port}/`);
  afterwards(() => {
    client.terminate();
  });
  await once(client, 'open');
  const viewer = await here.viewer;
  client.pause();
  viewer.fail(new DomainError('unauthenticated', 'over'));
  expect(viewer.gone.aborted).toBe(true);
  client.send(Buffer.from('on and on'));
  client.resume();
  await once(client, 'close');
  expect(typed).toEqual([]);
});

it.each([
  ['pings in frames of text', frame(1, '{"type":"ping"}')],
  ['pings of the protocol', frame(9, 'x'.repeat(120))],
])('cuts one off that sends %s and reads no answer', async (_what, ping) => {
  const here = await place();
  const client = await deaf(here.port);
  const viewer = await here.viewer;
  const many = Buffer.concat(Array.from({ length: 10_000 }, () => ping));
  const gone = goneOf(viewer);
  const most = (64 * 1_048_576) / many.length;
  for (let n = 0; !viewer.gone.aborted && n < most; n += 1)
    if (!client.write(many))
      // A write that is cut off rejects, which is what this waits for.
      await Promise.race([once(client, 'drain').catch(() => undefined), gone]);
  await gone;
});

it('accepts nothing for one that is gone', async () => {
  const server = createServer();
  const outcome = new Promise<unknown>((resolve) => {
    server.on('upgrade', (request) => {
      request.socket.destroy();
      request.socket.once('close', () => {
        accept(request, AbortSignal.abort()).catch(resolve);
      });
    });
  });
  await deaf(await listening(server)).catch(() => undefined);
  expect(await outcome).toMatchObject({ code: 'invalid_request' });
}, 5_000);
