import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

/** Debian's package `redis-server` brings it. */
const PROGRAM = 'redis-server';

/** A redis-server of the test's own, on a unix socket in a directory of its own; nothing is written to disk. */
export interface RedisServer {
  /** Goes where a URL goes. */
  readonly url: string;
  /** A client of the test itself. */
  client(): Redis;
  /** SIGKILL: connections break, everything in it is gone. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** SIGSTOP: connections stand, nothing is answered. */
  freeze(): void;
  thaw(): void;
  remove(): Promise<void>;
}

export async function startRedis(): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), 'redis-'));
  const socket = join(directory, 'redis.sock');
  const clients: Redis[] = [];
  let child: ChildProcess | undefined;

  const client = (): Redis => {
    const made = new Redis(socket, {
      maxRetriesPerRequest: null,
      retryStrategy: () => 20,
      disconnectTimeout: 100,
    });
    // Tests break connections on purpose; what they need to know they await.
    made.on('error', () => undefined);
    clients.push(made);
    return made;
  };

  const start = async (): Promise<void> => {
    child = spawn(
      PROGRAM,
      [
        ...['--port', '0', '--unixsocket', socket, '--dir', directory],
        ...['--save', '', '--appendonly', 'no'],
      ],
      { stdio: 'ignore' },
    );
    const failed = once(child, 'exit').then(() => {
      throw new Error('redis-server ended while it was to start');
    });
    const probe = client();
    await Promise.race([probe.ping(), failed]);
    failed.catch(() => undefined);
    probe.disconnect();
  };

  const kill = async (): Promise<void> => {
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    child = undefined;
    await ended;
  };

  await start();
  return {
    url: socket,
    client,
    kill,
    start,
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    async remove() {
      for (const made of clients) made.disconnect();
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
