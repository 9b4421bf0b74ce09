import type { Claim, Store } from '@sandboxed/store';

type Stream = 'stdout' | 'stderr';

/** Pieces that arrive within this time become one event, up to this size. */
const GATHER_MS = 25;
const GATHER_CHARS = 32_768;

/** Turns frames of output into few events, and keeps the text for the result. */
export interface OutputCollector {
  /** `offset` is where the agent's log goes on after this frame. Frames logged before are counted in the text alone. */
  add(stream: Stream, text: string, offset: number): void;
  /** Writes what is gathered. Throws `stale_write` when the claim is lost. */
  flush(): void;
  text(stream: Stream): string;
  close(): void;
}

/** Starts after the last event that an earlier worker logged for the job. The agent caps the total. */
export function createOutputCollector(
  store: Store,
  claim: Claim,
  now: () => number,
): OutputCollector {
  const texts: Record<Stream, string[]> = { stdout: [], stderr: [] };
  const logged = claim.recovered ? lastOffset(store, claim) : 0;
  let gathered: { stream: Stream; text: string; offset: number } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failed: Error | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (failed !== undefined) throw failed;
    if (gathered === undefined) return;
    const { stream, text, offset } = gathered;
    gathered = undefined;
    store.transaction(() => {
      store.jobs.assertHeld(claim);
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

  return {
    add(stream, text, offset) {
      texts[stream].push(text);
      if (offset <= logged) return;
      if (gathered !== undefined && gathered.stream !== stream) flush();
      gathered = {
        stream,
        text: (gathered?.text ?? '') + text,
        offset,
      };
      if (gathered.text.length >= GATHER_CHARS) flush();
      else flushLater();
    },
    flush,
    text: (stream) => texts[stream].join(''),
    close() {
      clearTimeout(timer);
    },
  };
}

/** How far into the program's output an earlier worker logged the job. */
function lastOffset(store: Store, claim: Claim): number {
  let offset = 0;
  let seq = 0;
  for (;;) {
    const page = store.events.after({ jobId: claim.jobId }, seq, 500);
    const last = page.at(-1);
    if (last === undefined) return offset;
    seq = last.seq;
    for (const { data } of page)
      if (typeof data['offset'] === 'number') offset = data['offset'];
  }
}
