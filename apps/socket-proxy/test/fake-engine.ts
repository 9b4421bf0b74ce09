import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Policy } from '../src/call.ts';
import { createEngine } from '../src/engine.ts';
import type { Place } from '../src/place.ts';
import { createSeenContainers } from '../src/seen-containers.ts';
import { serve } from '../src/serve.ts';

/** What arrived at the Engine. */
export interface Arrived {
  readonly line: string;
  readonly headers: readonly string[];
  readonly body: string;
}

/** A proxy in front of a server that stands for the Engine and writes down what arrives. */
export interface Setting {
  readonly directory: string;
  readonly socketPath: string;
  readonly arrived: Arrived[];
  readonly refusals: unknown[];
  /** Sends bytes as they are and answers all that came back when the proxy closed the connection, or after `closeAfter` was read. */
  raw(bytes: string, closeAfter?: string): Promise<string>;
  stopEngine(): Promise<void>;
  startEngine(): Promise<void>;
  close(): Promise<void>;
}

export async function openSetting(
  policy: (place: Place) => Policy,
  respond: RequestListener,
): Promise<Setting> {
  const directory = await mkdtemp(join(tmpdir(), 'socket-proxy-'));
  const enginePath = join(directory, 'engine.sock');
  const socketPath = join(directory, 'docker.sock');
  const arrived: Arrived[] = [];
  const refusals: unknown[] = [];
  const place: Place = {
    instance: 'sandboxed',
    dataDir: directory,
    runtime: 'runc',
    bridgePrefix: 'sbxd',
  };
  let engine: Server | undefined;
  const startEngine = async (): Promise<void> => {
    const made = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        arrived.push({
          line: `${request.method ?? ''} ${request.url ?? ''}`,
          headers: request.rawHeaders,
          body: Buffer.concat(chunks).toString('utf8'),
        });
        respond(request, response);
      });
    });
    engine = made;
    made.listen(enginePath);
    await once(made, 'listening');
  };
  const stopEngine = async (): Promise<void> => {
    engine?.closeAllConnections();
    engine?.close();
    if (engine?.listening === true) await once(engine, 'close');
    engine = undefined;
  };
  await startEngine();
  const proxy = await serve({
    socketPath,
    name: 'test',
    policy: policy(place),
    engine: createEngine(enginePath),
    seen: createSeenContainers(),
    instance: place.instance,
    dataDir: directory,
    logger: { warn: (entry: unknown) => refusals.push(entry) },
  });
  return {
    directory,
    socketPath,
    arrived,
    refusals,
    raw: (bytes, closeAfter) =>
      new Promise((resolve, reject) => {
        const socket = connect(socketPath);
        let text = '';
        socket.setTimeout(10_000, () => socket.destroy(new Error('no end')));
        socket.on('data', (chunk) => {
          text += chunk.toString('latin1');
          if (closeAfter !== undefined && text.includes(closeAfter))
            socket.destroy();
        });
        socket.on('error', reject);
        socket.on('close', () => {
          resolve(text);
        });
        socket.write(bytes, 'latin1');
      }),
    stopEngine,
    startEngine,
    async close() {
      proxy.closeAllConnections();
      proxy.close();
      await stopEngine();
      await rm(directory, { recursive: true });
    },
  };
}
