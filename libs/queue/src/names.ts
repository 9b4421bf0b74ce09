import type { JobClass } from '@sandboxed/domain';

/** Queues of ticks: `maintenance` is consumed by the workers, `reaper` by the reaper. */
export type TickQueue = 'maintenance' | 'reaper';
export type QueueName = JobClass | TickQueue;

/** Length that BullMQ keeps its own event stream at, per queue. Nothing of ours reads it. */
export const EVENT_STREAM_LENGTH = 1_000;

/** Channels of the bus. */
export function channels(prefix: string): {
  readonly nudges: string;
  readonly cancels: string;
} {
  return { nudges: `${prefix}:events`, cancels: `${prefix}:cancel` };
}
