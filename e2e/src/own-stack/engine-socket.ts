import { rm } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

const ENGINE = '/var/run/docker.sock';

/** The Engine's socket under another path, which a test can cut: what its clients see of an Engine that restarts. */
export interface EngineSocket {
  /** Cuts all connections and refuses new ones. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
}

export async function startEngineSocket(path: string): Promise<EngineSocket> {
  const sockets = new Set<Socket>();
  let server: Server | undefined;

  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  const mend = async (): Promise<void> => {
    await rm(path, { force: true });
    const made = createServer({ allowHalfOpen: true }, (client) => {
      const engine = connect({ path: ENGINE, allowHalfOpen: true });
      keep(client);
      keep(engine);
      client.pipe(engine).pipe(client);
      client.on('close', () => engine.destroy());
      engine.on('close', () => client.destroy());
    });
    server = made;
    await new Promise<void>((resolve, reject) => {
      made.once('error', reject);
      made.listen(path, resolve);
    });
  };
  const cut = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    for (const socket of sockets) socket.destroy();
    if (closing !== undefined)
      await new Promise((resolve) => closing.close(resolve));
  };

  await mend();
  return { cut, mend, close: cut };
}
