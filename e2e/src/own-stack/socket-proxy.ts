import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Child, Exit } from './child.ts';
import { supervise } from './child.ts';

const UP_MS = 15_000;

/** The socket proxy of a stack, and where its socket is. */
export interface OwnSocketProxy {
  readonly child: Child;
  readonly workerSocket: string;
}

/** Starts the proxy and waits for its socket: a worker that finds none ends itself. Rejects after 15 s. */
export async function startSocketProxy(options: {
  /** Bundle of the process. */
  readonly program: string;
  /** Where socket and log go. */
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onExit: (exit: Exit) => void;
}): Promise<OwnSocketProxy> {
  const sockets = join(options.home, 'sockets');
  const workerSocket = join(sockets, 'worker', 'docker.sock');
  await mkdir(dirname(workerSocket), { recursive: true });
  const logFile = join(options.home, 'socket-proxy.log');
  const child = supervise({
    name: 'socket-proxy',
    command: [process.execPath, options.program],
    env: { ...options.env, SANDBOXED_SOCKET_DIR: sockets },
    logFile,
    onExit: options.onExit,
  });
  const deadline = performance.now() + UP_MS;
  while (!existsSync(workerSocket)) {
    if (performance.now() > deadline) {
      await child.down('SIGKILL');
      throw new Error(`the socket proxy does not come up, see ${logFile}`);
    }
    await pause(20);
  }
  return { child, workerSocket };
}
