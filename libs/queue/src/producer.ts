import type { JobClass, JobId } from '@sandboxed/domain';
import { JOB_CLASSES } from '@sandboxed/domain';
import type { Redis } from 'ioredis';
import { Queue } from 'bullmq';
import { connectImpatiently, request } from './connections.ts';
import { settles } from './deadline.ts';
import { jobDataSchema } from './messages.ts';
import { EVENT_STREAM_LENGTH } from './names.ts';
import type { QueueName } from './names.ts';
import type { Producer } from './ports.ts';
import type { OnError } from './report-errors.ts';
import { quietRepeats } from './report-errors.ts';

/** Jobs written to Redis in one round trip. */
const BATCH = 500;
/** How long Redis may take for one batch, and for a ping. Milliseconds. */
const ANSWER_MS = 1_800;
const PING_MS = 1_000;

/** SQLite is the record of jobs, so Redis forgets one as soon as it ends and its id can be offered again. */
export const FORGET_WHEN_DONE = {
  attempts: 1,
  removeOnComplete: true,
  removeOnFail: true,
} as const;

/** A BullMQ queue on a shared connection; it never closes that connection. */
export function openQueue(
  name: QueueName,
  client: Redis,
  prefix: string,
  onError: (error: unknown) => void,
): Queue {
  const queue = new Queue(name, {
    connection: client,
    prefix,
    // The check would end the queue for good when Redis goes away in the middle of it.
    skipVersionCheck: true,
    defaultJobOptions: FORGET_WHEN_DONE,
    streams: { events: { maxLen: EVENT_STREAM_LENGTH } },
  });
  queue.on('error', onError);
  return queue;
}

/**
 * Makes the producer. It connects in the background, so that a process can start while Redis is away;
 * until then calls reject, within 3 s.
 */
export function createProducer(options: {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly onError: OnError;
}): Producer {
  const onError = quietRepeats(options.onError);
  const { client, close } = connectImpatiently(options.redisUrl, onError);
  const open = (name: JobClass): Queue =>
    openQueue(name, client, options.prefix, onError);
  const queues: Readonly<Record<JobClass, Queue>> = {
    lifecycle: open('lifecycle'),
    exec: open('exec'),
    task: open('task'),
  };

  const add = async (name: JobClass, ids: readonly JobId[]): Promise<void> => {
    await queues[name].addBulk(
      ids.map((id) => ({
        name,
        data: jobDataSchema.parse({ id }),
        opts: { jobId: id },
      })),
    );
  };

  const inBatches = async (
    jobs: Parameters<Producer['offer']>[0],
    send: (name: JobClass, ids: readonly JobId[]) => Promise<void>,
  ): Promise<void> => {
    for (const name of JOB_CLASSES) {
      const ids = jobs.filter((job) => job.class === name).map(({ id }) => id);
      for (let at = 0; at < ids.length; at += BATCH)
        await request(client, ANSWER_MS, () =>
          send(name, ids.slice(at, at + BATCH)),
        );
    }
  };

  const depth = async (
    name: JobClass,
  ): Promise<{ readonly waiting: number; readonly active: number }> => {
    const counts = await request(client, ANSWER_MS, () =>
      queues[name].getJobCounts('wait', 'active'),
    );
    return { waiting: counts['wait'] ?? 0, active: counts['active'] ?? 0 };
  };

  return {
    offer: (jobs) => inBatches(jobs, add),
    offerAgain: (jobs) =>
      inBatches(jobs, async (name, ids) => {
        const keys = ids.map((id) => queues[name].toKey(id));
        if ((await client.exists(...keys)) < keys.length) await add(name, ids);
      }),
    async depths() {
      const [lifecycle, exec, task] = await Promise.all([
        depth('lifecycle'),
        depth('exec'),
        depth('task'),
      ]);
      return { lifecycle, exec, task };
    },
    async ping() {
      await request(client, PING_MS, () => client.ping());
    },
    async close() {
      await close();
      const closing = Object.values(queues).map((queue) => queue.close());
      await settles(Promise.all(closing), 1_000);
    },
  };
}
