import type { CrashPoint } from '@sandboxed/domain';
import type { Producer } from '@sandboxed/queue';
import type { Store } from '@sandboxed/store';
import { decodeTime } from 'ulid';

/** Jobs looked at in one tick; Redis gets them in smaller batches. The rest comes as these end. */
const MAX_OFFERS = 10_000;
/** A job younger than this is most likely on its way to the queue already. Milliseconds. */
const FRESH_MS = 3_000;

/**
 * Offers every job that should be in the queue; those that are there are not doubled. Makes up for an emptied Redis
 * and for a process that died between its commit and its offer. Returns how many were older than 3 s.
 * Rejects when Redis is away.
 */
export async function relay(
  store: Store,
  producer: Producer,
  now: number,
  reach: (point: CrashPoint) => void,
): Promise<number> {
  const due = store.jobs.toOffer(now, MAX_OFFERS);
  if (due.length > 0) reach('relay.read');
  // The ping tells of a Redis that is away also when there is nothing to offer.
  if (due.length === 0) await producer.ping();
  else await producer.offerAgain(due);
  if (due.length > 0) reach('relay.offered');
  return due.filter(({ id }) => now - decodeTime(id) > FRESH_MS).length;
}
