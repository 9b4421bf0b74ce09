import type { JobClass, JobId } from '@sandboxed/domain';
import { jobDataSchema } from './messages.ts';
import type { Consumer } from './ports.ts';
import type { OnError } from './report-errors.ts';
import { createQueueWorker } from './worker.ts';

/**
 * Takes jobs of one class and hands their ids to `run`, at most `concurrency` at once. An id may come more than once,
 * even at the same time in two processes: `run` has to claim it. What `run` throws goes to `onError`.
 */
export function createConsumer(options: {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly class: JobClass;
  readonly concurrency: number;
  readonly run: (jobId: JobId) => Promise<void>;
  readonly onError: OnError;
}): Consumer {
  return createQueueWorker({
    ...options,
    queue: options.class,
    run: ({ data }) => options.run(jobDataSchema.parse(data).id),
  });
}
