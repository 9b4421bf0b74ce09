import { tickNameSchema } from './messages.ts';
import type { TickQueue } from './names.ts';
import type { Consumer } from './ports.ts';
import type { OnError } from './report-errors.ts';
import { createQueueWorker } from './worker.ts';

/**
 * Receives the ticks of one queue, each in one process only. With `concurrency` 1 (the default) two ticks never
 * overlap in a process. What `run` throws goes to `onError`; the next tick comes all the same.
 */
export function createTicker(options: {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly queue: TickQueue;
  readonly concurrency?: number;
  readonly run: (name: string) => Promise<void>;
  readonly onError: OnError;
}): Consumer {
  return createQueueWorker({
    ...options,
    concurrency: options.concurrency ?? 1,
    run: ({ name }) => options.run(tickNameSchema.parse(name)),
  });
}
