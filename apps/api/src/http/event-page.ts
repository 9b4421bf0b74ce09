import type {
  EventRecord,
  JobId,
  JobRecord,
  SandboxId,
} from '@sandboxed/domain';
import { isFinished } from '@sandboxed/domain';
import type { Store } from '@sandboxed/store';

/** Whose events a stream tells. */
export type Scope =
  { readonly jobId: JobId } | { readonly sandboxId: SandboxId };

const PAGE = 200;
/** Frames are joined up to this size: what a reader that takes nothing has waiting is bounded by it, one large event apart. Bytes. */
const CHUNK_BYTES = 65_536;

/** Events of a scope after a number, ready to be sent to whoever is there. */
export interface EventPage {
  readonly after: number;
  readonly first: EventRecord | undefined;
  /** Number of the last event; `after` when there is none. */
  readonly last: number;
  /** Each begins and ends with whole frames. */
  readonly chunks: readonly Buffer[];
  /** A job's `done` is the last of them. */
  readonly isEnd: boolean;
  /** There may be more already. */
  readonly isFull: boolean;
  /** The job had ended, or was gone, before these were read: without any, none will come. */
  readonly isOver: boolean;
}

/**
 * What those who wait for the same news have read of it so far. Gone with the news. They wait by an id alone, and a tenant may choose
 * another's job's id for a sandbox: of whom the page tells is kept with it.
 */
export interface Look {
  page?: EventPage;
  of?: 'job' | 'sandbox';
}

/**
 * The page after `after`, read and put into words once for all who stand there and wait for the same news: a thousand streams of
 * one job ask SQLite once an event.
 */
export function pageAfter(
  store: Store,
  scope: Scope,
  after: number,
  look: Look,
): EventPage {
  const of = 'jobId' in scope ? 'job' : 'sandbox';
  if (look.of === of && look.page?.after === after) return look.page;
  // Before the page, which then holds the events of an end that is seen here.
  const isOver = 'jobId' in scope && isGone(store.jobs.get(scope.jobId));
  const read = store.events.after(scope, after, PAGE);
  const end = read.findIndex(({ type }) => type === 'done');
  const events = end === -1 ? read : read.slice(0, end + 1);
  const page: EventPage = {
    after,
    first: events[0],
    last: events.at(-1)?.seq ?? after,
    chunks: inChunks(events.map(frame)),
    isEnd: end !== -1,
    isFull: read.length === PAGE,
    isOver,
  };
  look.page = page;
  look.of = of;
  return page;
}

/** Joins frames into pieces to be sent. */
export function inChunks(frames: readonly string[]): readonly Buffer[] {
  const chunks: Buffer[] = [];
  let text = '';
  for (const next of frames) {
    if (text !== '' && text.length + next.length > CHUNK_BYTES) {
      chunks.push(Buffer.from(text));
      text = '';
    }
    text += next;
  }
  if (text !== '') chunks.push(Buffer.from(text));
  return chunks;
}

/** An event as it is sent. */
export function frame({ seq, type, data, at }: EventRecord): string {
  const text = JSON.stringify({ ...data, at: new Date(at).toISOString() });
  return `id: ${seq}\nevent: ${type}\ndata: ${text}\n\n`;
}

/** A job that ended before what was asked for: its events were read or trimmed already. */
function isGone(job: JobRecord | undefined): boolean {
  return job === undefined || isFinished(job.status);
}
