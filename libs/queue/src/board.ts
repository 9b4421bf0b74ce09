import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { JOB_CLASSES } from '@sandboxed/domain';
import { connectImpatiently } from './connections.ts';
import type { QueueName } from './names.ts';
import { openQueue } from './producer.ts';
import type { OnError } from './report-errors.ts';
import { quietRepeats } from './report-errors.ts';

/** Pages about the queues, which change nothing. */
export interface Board {
  /** Answers a request under the base path, or calls `next`. As a handler of Express. */
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ): void;
  close(): Promise<void>;
}

const QUEUES: readonly QueueName[] = [...JOB_CLASSES, 'maintenance', 'reaper'];

/** Makes a board of all queues, with a connection of its own. `basePath` is where it is mounted. */
export async function openBoard(options: {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly basePath: string;
  readonly onError: OnError;
}): Promise<Board> {
  const { createBullBoard, BullMQAdapter, ExpressAdapter } =
    await import('./bull-board.ts');
  const onError = quietRepeats(options.onError);
  const { client, close } = connectImpatiently(options.redisUrl, onError);
  const queues = QUEUES.map((name) =>
    openQueue(name, client, options.prefix, onError),
  );
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath(options.basePath);
  createBullBoard({
    queues: queues.map(
      (queue) => new BullMQAdapter(queue, { readOnlyMode: true }),
    ),
    serverAdapter,
    options: {
      uiBasePath: dirname(
        createRequire(import.meta.url).resolve('@bull-board/ui/package.json'),
      ),
      uiConfig: { boardTitle: 'sandboxed', hideRedisDetails: true },
    },
  });
  const router: unknown = serverAdapter.getRouter();
  if (typeof router !== 'function') throw new Error('the board has no router');
  return {
    handle(request, response, next) {
      Reflect.apply(router, undefined, [request, response, next]);
    },
    async close() {
      await close();
      await Promise.all(queues.map((queue) => queue.close()));
    },
  };
}
