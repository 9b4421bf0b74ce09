import { once } from 'node:events';
import type { EventRecord } from '@sandboxed/domain';
import { DomainError } from '@sandboxed/domain';
import type { Response } from 'express';
import type { Scope } from './event-page.ts';
import { pageAfter } from './event-page.ts';
import type { Call } from './route.ts';

/** A stream is never silent for longer. */
export const HEARTBEAT_MS = 15_000;
/** A reader that takes nothing for this long is cut; it can resume where it was. */
const SLOW_READER_MS = 30_000;

/** Where a stream resumes: `Last-Event-ID`, else `?after=`, else the beginning. Throws `invalid_request`. */
export function resumeAfter(call: Call): number {
  return lastSeen(call) ?? 0;
}

/** The last event that the reader has: `Last-Event-ID`, else `?after=`. Throws `invalid_request`. */
export function lastSeen({ request }: Call): number | undefined {
  const header = request.get('last-event-id');
  const { after } = request.query;
  // One that is not used is still to be right.
  const fromQuery = after === undefined ? undefined : seqOf(after);
  return header === undefined ? fromQuery : seqOf(header);
}

function seqOf(given: unknown): number {
  const seq =
    typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : NaN;
  if (Number.isSafeInteger(seq)) return seq;
  throw new DomainError(
    'invalid_request',
    'Last-Event-ID and ?after= take the id of an event of this stream.',
    { fields: [{ path: '/after', message: 'must be the id of an event' }] },
  );
}

/**
 * Replays a scope's events from SQLite, follows them, and ends after a job's `done`; before, when this process goes away. A reader
 * that comes back for events that were trimmed meanwhile is told so by an event `trimmed`, which has no id.
 */
export async function streamEvents(
  { deps, gone }: Call,
  response: Response,
  scope: Scope,
  after: number,
): Promise<void> {
  const id = 'jobId' in scope ? scope.jobId : scope.sandboxId;
  openStream(response);
  let seq = after;
  let beat = performance.now();
  // Who follows misses nothing: only what is younger than a minute is certain to be there.
  let isBehind = true;
  while (!gone.aborted && !deps.hub.closing.aborted) {
    // Before the page is read: what is not in it is told of by `next`.
    const { next, look } = deps.hub.follow(id, gone);
    const page = pageAfter(deps.store, scope, seq, look);
    if (isBehind && isTrimmed(deps, scope, seq, page.first)) {
      if (!(await write(response, TRIMMED, gone))) return;
      if ('jobId' in scope) {
        response.end();
        return;
      }
    }
    for (const chunk of page.chunks)
      if (!(await write(response, chunk, gone))) return;
    const isNew = page.last !== seq;
    if (page.isEnd || (page.isOver && !isNew)) {
      response.end();
      return;
    }
    seq = page.last;
    isBehind = page.isFull;
    if (isNew) beat = performance.now();
    if (isBehind) continue;
    if (performance.now() - beat >= HEARTBEAT_MS) {
      beat = performance.now();
      if (!(await write(response, ': heartbeat\n\n', gone))) return;
    }
    await next;
  }
  // A client that asks again with the last id it saw goes on without a gap.
  response.end();
}

/** Said to who comes back for what is no longer kept. */
export const TRIMMED = `event: trimmed\ndata: ${JSON.stringify({
  message:
    'Events between where you were and what follows are no longer kept. Read the resource itself for how it is now.',
})}\n\n`;

/**
 * Whether events after `seq` are gone that `first`, read before, should follow. A job's go with its row, a sandbox's oldest first;
 * one that tells of its own creation has all of them.
 */
function isTrimmed(
  { store }: Call['deps'],
  scope: Scope,
  seq: number,
  first: EventRecord | undefined,
): boolean {
  if ('jobId' in scope) return store.jobs.get(scope.jobId) === undefined;
  const isWhole = seq === 0 && first?.data['from'] === null;
  return !isWhole && seq < store.events.oldest() - 1;
}

/** Headers of a stream that no proxy is to hold back. */
export function openStream(response: Response): void {
  response.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
  response.flushHeaders();
  response.write('retry: 2000\n\n');
}

/** Writes with back-pressure; false when the reader is gone or too slow. */
export async function write(
  response: Response,
  text: string | Buffer,
  gone: AbortSignal,
): Promise<boolean> {
  if (gone.aborted) return false;
  if (response.write(text)) return true;
  const limit = AbortSignal.any([gone, AbortSignal.timeout(SLOW_READER_MS)]);
  try {
    await once(response, 'drain', { signal: limit });
    return true;
  } catch (error) {
    response.destroy(error instanceof Error ? error : undefined);
    return false;
  }
}
