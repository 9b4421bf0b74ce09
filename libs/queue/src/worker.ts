import { Worker } from 'bullmq';
import { connectPatiently } from './connections.ts';
import { settles } from './deadline.ts';
import type { QueueName } from './names.ts';
import type { Consumer } from './ports.ts';
import type { OnError } from './report-errors.ts';
import { quietRepeats } from './report-errors.ts';

/** A job whose process died is taken by another within lock + two checks: 14 s at most. Milliseconds. */
const LOCK_MS = 8_000;
const STALLED_CHECK_MS = 3_000;

/** What a delivery carries. `data` is unchecked. */
export interface Delivery {
  readonly name: string;
  readonly data: unknown;
}

/** A BullMQ worker with connections of its own that outlives every outage of Redis. */
export function createQueueWorker(options: {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly queue: QueueName;
  readonly concurrency: number;
  readonly run: (delivery: Delivery) => Promise<void>;
  readonly onError: OnError;
}): Consumer {
  let closed = false;
  const report = quietRepeats(options.onError);
  // Connections that are being closed complain; nobody can act on that.
  const onError = (error: unknown): void => {
    if (!closed) report(error);
  };
  const connection = connectPatiently(options.redisUrl, onError);
  const worker = new Worker(
    options.queue,
    async (job) => {
      try {
        await options.run({ name: job.name, data: job.data });
      } catch (error) {
        // SQLite keeps the outcome of a job; to the queue it is over either way.
        report(error);
      }
    },
    {
      connection: connection.client,
      prefix: options.prefix,
      concurrency: options.concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      // How often a job may be tried is decided in SQLite.
      maxStalledCount: 1_000,
      // After a failed fetch; the default of 15 s would be felt after each restart of Redis.
      runRetryDelay: 1_000,
    },
  );
  worker.on('error', onError);

  return {
    async close(deadlineMs) {
      await settles(worker.close(), deadlineMs);
      closed = true;
      // What still runs loses its connections: its lock runs out and another process takes over.
      await connection.close();
    },
  };
}
