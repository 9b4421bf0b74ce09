/** How one piece of work ended: undefined when it succeeded. */
export type Settled = { readonly error: unknown } | undefined;

/** Gathers what is asked for in one turn of the event loop. */
export interface Group {
  /** Resolves with what `work` returned once all of its group are committed; rejects with what it threw, or why none could be. */
  add<T>(work: () => T): Promise<T>;
}

interface Entry {
  readonly work: () => void;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** A group whose turn has not come is tried again after this time, and others join it meanwhile. Milliseconds. */
const AGAIN_MS = 1;

/**
 * `run` does at most `size` pieces of work at once; what it throws was nobody's success. It answers undefined, and did nothing, when
 * others write just now; once that was so for `patienceMs` it is told that this try `isLast`, which may take as long as it likes.
 */
export function createGroup(
  size: number,
  patienceMs: number,
  run: (
    works: readonly (() => void)[],
    isLast: boolean,
  ) => readonly Settled[] | undefined,
): Group {
  let entries: Entry[] = [];
  /** By `performance.now()`. */
  let heldUpSince: number | undefined;

  function flush(): void {
    const mine = entries.slice(0, size);
    if (!isSettled(mine)) {
      setTimeout(flush, AGAIN_MS);
      return;
    }
    entries = entries.slice(mine.length);
    // Between two groups the event loop goes round, so that answers leave and others are heard.
    if (entries.length > 0) setImmediate(flush);
  }

  /** False: nothing was done, and it is to be tried again. */
  function isSettled(mine: readonly Entry[]): boolean {
    const now = performance.now();
    const isLast = now - (heldUpSince ?? now) >= patienceMs;
    try {
      const settled = run(
        mine.map(({ work }) => work),
        isLast,
      );
      if (settled === undefined) {
        heldUpSince ??= now;
        return false;
      }
      for (const [index, { resolve, reject }] of mine.entries()) {
        const failed = settled[index];
        if (failed === undefined) resolve();
        else reject(failed.error);
      }
    } catch (error) {
      for (const { reject } of mine) reject(error);
    }
    heldUpSince = undefined;
    return true;
  }

  return {
    add: (work) =>
      new Promise((resolve, reject) => {
        let result: ReturnType<typeof work>;
        if (entries.length === 0) setImmediate(flush);
        entries.push({
          work: () => {
            result = work();
          },
          resolve: () => {
            resolve(result);
          },
          reject,
        });
      }),
  };
}
