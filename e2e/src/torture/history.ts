const KEPT = 60;

/** The last lines of what happened to each of many things. */
export interface History {
  add(key: string, line: string): void;
  of(key: string): readonly string[];
  forget(key: string): void;
}

export function createHistory(): History {
  const lines = new Map<string, string[]>();
  return {
    add(key, line) {
      const kept = lines.get(key) ?? [];
      kept.push(`${new Date().toISOString().slice(11, 23)} ${line}`);
      if (kept.length > KEPT) kept.shift();
      lines.set(key, kept);
    },
    of: (key) => lines.get(key) ?? [],
    forget: (key) => lines.delete(key),
  };
}
