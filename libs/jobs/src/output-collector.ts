import { EXEC_OUTPUT_CAP_BYTES } from '@sandboxed/domain';
import type { Claim, Store } from '@sandboxed/store';

type Stream = 'stdout' | 'stderr';

/** Pieces that arrive within this time are written together, up to this size. */
const GATHER_MS = 25;
const GATHER_CHARS = 32_768;
const GATHER_PIECES = 500;
/** Events of one job: a program that changes between its outputs with every byte makes many small ones. */
const MAX_EVENTS = 50_000;
/** So many keep the order between both outputs to the byte; after them what is gathered is one piece of each. */
const ORDERED_EVENTS = 2_000;

interface Piece {
  readonly stream: Stream;
  text: string;
  offset: number;
}

/**
 * Turns frames of output into few events, and keeps the text for the result. Both are bounded here as well: the agent, which
 * is to cap them, belongs to the tenant.
 */
export interface OutputCollector {
  /** `offset` is where the agent's log goes on after this frame. Frames logged before are counted in the text alone. */
  add(stream: Stream, text: string, offset: number): void;
  /** Writes what is gathered. Throws `stale_write` when the claim is lost. */
  readonly flush: () => void;
  text(stream: Stream): string;
  /** Whether something was left out. */
  truncated(): boolean;
  /** Writes no more by itself; {@link flush} still does. */
  close(): void;
}

/** Starts after the last event that an earlier worker logged for the job. */
export function createOutputCollector(
  store: Store,
  claim: Claim,
  now: () => number,
): OutputCollector {
  const texts: Record<Stream, string[]> = { stdout: [], stderr: [] };
  const logged = claim.recovered
    ? earlierEvents(store, claim)
    : { offset: 0, count: 0 };
  let events = logged.count;
  let kept = 0;
  let truncated = false;
  let gathered: Piece[] = [];
  let gatheredChars = 0;
  let timer: NodeJS.Timeout | undefined;
  let failed: Error | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (failed !== undefined) throw failed;
    if (gathered.length === 0) return;
    const pieces = gathered;
    gathered = [];
    gatheredChars = 0;
    store.transaction(() => {
      store.jobs.assertHeld(claim);
      for (const { stream, text, offset } of pieces)
        store.events.append({
          sandboxId: claim.sandboxId,
          jobId: claim.jobId,
          type: stream,
          data: { text, offset },
          now: now(),
        });
    });
  }

  function flushLater(): void {
    timer ??= setTimeout(() => {
      try {
        flush();
      } catch (error) {
        // Thrown at the handler's next call: a timer has nobody to throw to.
        failed = error instanceof Error ? error : new Error(String(error));
      }
    }, GATHER_MS);
  }

  function gather(stream: Stream, text: string, offset: number): void {
    const newest = gathered.at(-1);
    const joined =
      newest?.stream !== stream && events >= ORDERED_EVENTS
        ? gathered.findLast((piece) => piece.stream === stream)
        : newest;
    if (joined?.stream === stream) {
      joined.text += text;
      joined.offset = offset;
    } else if (events < MAX_EVENTS) {
      gathered.push({ stream, text, offset });
      events += 1;
    } else {
      truncated = true;
      return;
    }
    gatheredChars += text.length;
    if (gatheredChars >= GATHER_CHARS || gathered.length >= GATHER_PIECES)
      flush();
    else flushLater();
  }

  return {
    add(stream, text, offset) {
      // A byte of output is at most one character, so what an agent caps at these bytes is whole.
      const taken = text.slice(0, EXEC_OUTPUT_CAP_BYTES - kept);
      if (taken.length < text.length) truncated = true;
      if (taken === '') return;
      kept += taken.length;
      texts[stream].push(taken);
      if (offset > logged.offset) gather(stream, taken, offset);
    },
    flush,
    text: (stream) => texts[stream].join(''),
    truncated: () => truncated,
    close() {
      clearTimeout(timer);
    },
  };
}

/** How far into the program's output an earlier worker logged the job, and in how many events. */
function earlierEvents(
  store: Store,
  claim: Claim,
): { offset: number; count: number } {
  let offset = 0;
  let count = 0;
  let seq = 0;
  for (;;) {
    const page = store.events.after({ jobId: claim.jobId }, seq, 500);
    const last = page.at(-1);
    if (last === undefined) return { offset, count };
    seq = last.seq;
    count += page.length;
    for (const { data } of page)
      if (typeof data['offset'] === 'number')
        offset = Math.max(offset, data['offset']);
  }
}
