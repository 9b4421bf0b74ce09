/** How soon what a key holds open ends once the key does. Milliseconds. */
const LOOK_MS = 1_000;

/** Ends calls under way whose key was revoked or whose term is over. */
export interface KeyWatch {
  /** Calls `end` once the key is not valid any more. Answers what takes that back. */
  hold(id: string, end: () => void): () => void;
}

/**
 * Looks at each key once a second while a call of it is under way; another process may have revoked it. `isValid` that throws is
 * taken for yes: a database that is held for a moment cuts nobody off.
 */
export function createKeyWatch(
  isValid: (id: string) => boolean,
  everyMs = LOOK_MS,
): KeyWatch {
  const held = new Map<string, Set<() => void>>();
  let timer: NodeJS.Timeout | undefined;

  function isOver(id: string): boolean {
    try {
      return !isValid(id);
    } catch {
      return false;
    }
  }

  function look(): void {
    for (const [id, ends] of [...held])
      if (isOver(id)) for (const end of [...ends]) end();
  }

  return {
    hold(id, end) {
      const ends = held.get(id) ?? new Set();
      held.set(id, ends.add(end));
      timer ??= setInterval(look, everyMs).unref();
      return () => {
        ends.delete(end);
        if (ends.size === 0 && held.get(id) === ends) held.delete(id);
        if (held.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
