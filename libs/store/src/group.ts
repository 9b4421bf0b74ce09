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

/** `run` does at most `size` pieces of work at once; what it throws was nobody's success. */
export function createGroup(
  size: number,
  run: (works: readonly (() => void)[]) => readonly Settled[],
): Group {
  let entries: Entry[] = [];

  function flush(): void {
    const mine = entries.slice(0, size);
    entries = entries.slice(size);
    // Between two groups the event loop goes round, so that answers leave and others are heard.
    if (entries.length > 0) setImmediate(flush);
    try {
      const settled = run(mine.map(({ work }) => work));
      for (const [index, { resolve, reject }] of mine.entries()) {
        const failed = settled[index];
        if (failed === undefined) resolve();
        else reject(failed.error);
      }
    } catch (error) {
      for (const { reject } of mine) reject(error);
    }
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
