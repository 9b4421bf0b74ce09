import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Child, Exit } from './child.ts';
import { supervise } from './child.ts';

const UP_MS = 15_000;

/** The socket proxy of a stack, and where its sockets are. */
export interface OwnSocketProxy {
  readonly child: Child;
  readonly workerSocket: string;
  readonly edgeDir: string;
}

/** Starts the proxy and waits for its sockets: a worker that finds none ends itself. Rejects after 15 s. */
export async function startSocketProxy(options: {
  /** Bundle of the process. */
  readonly program: string;
  /** Where sockets and log go. */
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onExit: (exit: Exit) => void;
}): Promise<OwnSocketProxy> {
  const sockets = join(options.home, 'sockets');
  const [workerDir, edgeDir] = [join(sockets, 'worker'), join(sockets, 'edge')];
  for (const directory of [workerDir, edgeDir])
    await mkdir(directory, { recursive: true });
  const logFile = join(options.home, 'socket-proxy.log');
  const child = supervise({
    name: 'socket-proxy',
    command: [process.execPath, options.program],
    env: { ...options.env, SANDBOXED_SOCKET_DIR: sockets },
    logFile,
    onExit: options.onExit,
  });
  const files = [workerDir, edgeDir].map((each) => join(each, 'docker.sock'));
  const deadline = performance.now() + UP_MS;
  while (!files.every((file) => existsSync(file))) {
    if (performance.now() > deadline) {
      await child.down('SIGKILL');
      throw new Error(`the socket proxy does not come up, see ${logFile}`);
    }
    await pause(20);
  }
  return { child, workerSocket: join(workerDir, 'docker.sock'), edgeDir };
}
