import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
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
/** A schedule that another process changed is as wanted again after this time. Milliseconds. */
const ALL_MS = 60_000;

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

/** Whether each has a next tick, due within its interval: two questions for all of them, where making sure takes three for each. */
async function stand(
  queue: Queue,
  client: Redis,
  ticks: ReadonlyMap<string, number>,
): Promise<boolean> {
  const flat = await client.zrange(
    queue.toKey('repeat'),
    ...(['0', '-1', 'WITHSCORES'] as const),
  );
  const keys: string[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    const [name = '', next = ''] = flat.slice(at, at + 2);
    const latest = Date.now() + (ticks.get(name) ?? -Infinity);
    if (Number(next) > latest) return false;
    keys.push(queue.toKey(`repeat:${name}:${next}`));
  }
  if (keys.length !== ticks.size) return false;
  return keys.length === 0 || (await client.exists(...keys)) === keys.length;
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

  /** By `performance.now()`. */
  let ensuredAt = -Infinity;
  const ensure = async (): Promise<void> => {
    const now = performance.now();
    if (now - ensuredAt < ALL_MS && (await stand(queue, client, ticks))) return;
    await ensureAll(queue, ticks);
    ensuredAt = now;
  };

  return {
    ensure: () => call(ensure),
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
