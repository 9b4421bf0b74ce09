import type { Queue } from 'bullmq';
import { connectImpatiently, request } from './connections.ts';
import { settles } from './deadline.ts';
import { tickNameSchema } from './messages.ts';
import type { TickQueue } from './names.ts';
import type { Schedules } from './ports.ts';
import { FORGET_WHEN_DONE, openQueue } from './producer.ts';
import type { OnError } from './report-errors.ts';
import { quietRepeats } from './report-errors.ts';

/** Upper bound of one `ensure` or `fire`. Milliseconds. */
const CALL_MS = 4_000;

/**
 * Makes one schedule unless it is there, as wanted, alive, and due within its interval. A schedule whose next tick is gone would never tick
 * again: each tick makes the next one when it starts.
 */
async function ensureTick(
  queue: Queue,
  name: string,
  every: number,
): Promise<void> {
  const known = await queue.getJobScheduler(name);
  if (known?.every === every && known.next !== undefined) {
    const next = await queue.getJob(`repeat:${name}:${String(known.next)}`);
    const isAhead = known.next > Date.now() + every;
    if (next !== undefined && !isAhead) return;
    // It would keep its place beyond the time that the clock was set back by.
    if (isAhead) await queue.removeJobScheduler(name);
  }
  await queue.upsertJobScheduler(
    name,
    { every },
    { name, data: {}, opts: FORGET_WHEN_DONE },
  );
}

async function ensureAll(
  queue: Queue,
  ticks: ReadonlyMap<string, number>,
): Promise<void> {
  for (const known of await queue.getJobSchedulers())
    if (!ticks.has(known.key)) await queue.removeJobScheduler(known.key);
  for (const [name, every] of ticks) await ensureTick(queue, name, every);
}

/**
 * Keeps the ticks of one queue scheduled: name and interval in milliseconds. All processes that schedule a queue
 * have to name the same ticks, since `ensure` removes the others.
 */
export function createSchedules(options: {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly queue: TickQueue;
  readonly ticks: Readonly<Record<string, number>>;
  readonly onError: OnError;
}): Schedules {
  const ticks = new Map<string, number>();
  for (const [name, every] of Object.entries(options.ticks))
    ticks.set(tickNameSchema.parse(name), every);
  const onError = quietRepeats(options.onError);
  const { client, close } = connectImpatiently(options.redisUrl, onError);
  const queue = openQueue(options.queue, client, options.prefix, onError);

  const call = async (work: () => Promise<unknown>): Promise<void> => {
    await request(client, CALL_MS, work);
  };

  return {
    ensure: () => call(() => ensureAll(queue, ticks)),
    fire: (name) =>
      call(() =>
        queue.add(
          tickNameSchema.parse(name),
          {},
          {
            ...FORGET_WHEN_DONE,
            // One waits at most, also while one runs that started before the reason to fire.
            deduplication: { id: name, keepLastIfActive: true },
          },
        ),
      ),
    async close() {
      await close();
      await settles(queue.close(), 1_000);
    },
  };
}
