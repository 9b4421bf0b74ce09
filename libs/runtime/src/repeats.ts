/** Tells of what repeats: the first at once, the others of its window as a number at its end. */
export interface Repeats<T> {
  note(key: string, what: T): void;
  /** Tells now what is still to be told. */
  flush(): void;
}

interface Window<T> {
  readonly what: T;
  readonly endsAt: number;
  more: number;
}

/**
 * At most `maxKeys` things are told apart in a window; what comes beyond them is told as `others`. `tell` hears of each with how
 * often it came. What was counted and not told is lost with the process.
 */
export function createRepeats<T>(options: {
  readonly windowMs: number;
  readonly maxKeys: number;
  /** Of a clock that is never set back. Milliseconds. */
  readonly now: () => number;
  readonly others: (what: T) => T;
  readonly tell: (what: T, count: number) => void;
}): Repeats<T> {
  const { windowMs, maxKeys, now, others, tell } = options;
  const windows = new Map<string, Window<T>>();
  let timer: NodeJS.Timeout | undefined;

  function close(until: number): void {
    for (const [key, { what, endsAt, more }] of windows) {
      if (endsAt > until) continue;
      windows.delete(key);
      if (more > 0) tell(what, more);
    }
    if (windows.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  }

  return {
    note(wanted, given) {
      const at = now();
      close(at);
      const isKnown = windows.has(wanted) || windows.size < maxKeys;
      const key = isKnown ? wanted : '';
      const known = windows.get(key);
      if (known !== undefined) {
        known.more += 1;
        return;
      }
      const what = isKnown ? given : others(given);
      windows.set(key, { what, endsAt: at + windowMs, more: 0 });
      timer ??= setInterval(() => {
        close(now());
      }, windowMs).unref();
      tell(what, 1);
    },
    flush() {
      close(Infinity);
    },
  };
}
