import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** Hands bytes on to a port of this host, until it cuts what is open. */
export interface CuttingProxy {
  readonly url: string;
  /** Breaks every open connection; new ones are taken. Answers how many there were. */
  cut(): number;
  close(): Promise<void>;
}

export async function cuttingProxy(target: string): Promise<CuttingProxy> {
  const { port } = new URL(target);
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => one.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): number => {
    const { size } = open;
    for (const socket of open) socket.resetAndDestroy();
    return size / 2;
  };
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut,
    async close() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}
