import { setTimeout as sleep } from 'node:timers/promises';
import type { FeedEvent, Store } from '@sandboxed/store';
import type { Response } from 'express';
import { sees } from './access.ts';
import { frame, inChunks } from './event-page.ts';
import type { Call } from './route.ts';
import { HEARTBEAT_MS, openStream, TRIMMED, write } from './sse.ts';

/** So many numbers are looked at in one go, other tenants' and output among them: some tenths of a millisecond. */
const WINDOW = 1_000;
/** Who is further behind is told so and goes on from now. Numbers of events. */
const REACH = 50_000;
/** The feed is looked at no more often, however busy the installation is. Milliseconds. */
const PACE_MS = 100;

/**
 * Follows what all sandboxes tell that the caller may see. A feed without `after` begins now. It says where it stands by events
 * `position`, at its beginning and with its heartbeats, so that a reader who comes back need not look through what was others'.
 */
export async function streamFeed(
  call: Call,
  response: Response,
  after: number | undefined,
): Promise<void> {
  const { deps, gone } = call;
  const { feed } = deps.store;
  const isOver = (): boolean => gone.aborted || deps.hub.closing.aborted;
  openStream(response);
  let seq = after ?? feed.newest();
  let told = -1;
  let beat = -Infinity;
  while (!isOver()) {
    // Before it is read: what is not in it is told of by `next`.
    const next = deps.hub.anything(gone);
    const newest = feed.newest();
    if (isLost(deps.store, seq, newest)) {
      if (!(await write(response, TRIMMED, gone))) return;
      seq = newest;
    }
    const last = Math.min(newest, seq + WINDOW);
    const frames = feed
      .between(seq, last)
      .filter(({ tenant }) => sees(call, tenant))
      .map(worded);
    for (const chunk of inChunks(frames))
      if (!(await write(response, chunk, gone))) return;
    seq = last;
    if (frames.length > 0) told = seq;
    const now = performance.now();
    if (now - beat >= HEARTBEAT_MS) {
      beat = now;
      const sign = seq === told ? ': heartbeat\n\n' : position(seq, deps.now());
      told = seq;
      if (!(await write(response, sign, gone))) return;
    }
    if (last < newest) continue;
    await next;
    await sleep(PACE_MS, undefined, { signal: gone }).catch(() => undefined);
  }
  response.end();
}

/** Whether who has all up to `seq` cannot be told what came since. A database that was restored has smaller numbers than its readers. */
function isLost({ events }: Store, seq: number, newest: number): boolean {
  return newest - seq > REACH || seq > newest || seq < events.oldest() - 1;
}

const worded = ({ event }: FeedEvent): string =>
  frame({ ...event, data: { sandbox_id: event.sandbox_id, ...event.data } });

const position = (seq: number, now: number): string =>
  `id: ${seq}\nevent: position\ndata: ${JSON.stringify({ at: new Date(now).toISOString() })}\n\n`;
