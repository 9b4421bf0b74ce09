import { statSync } from 'node:fs';
import { readKeyFile } from './key-file.ts';
import type { SealingKey } from './sealing-key.ts';

/** The keys of an installation as its key file holds them, also after another process has changed it. */
export interface KeyRing {
  /** What to seal with now. Throws a KeyFileError when the file is gone or cannot be used. */
  current(): SealingKey;
  /** The key of that id. */
  find(id: string): SealingKey | undefined;
  /** All keys, the oldest first. */
  all(): readonly SealingKey[];
}

/** The key ring in a file that is there. Throws a KeyFileError. */
export function openKeyRing(file: string): KeyRing {
  let loaded = load(file);

  /** Keys that the file holds no more are remembered: a row may have been read just before it was sealed anew. */
  function refresh(): void {
    const fresh = load(file);
    const ids = new Set(fresh.keys.map(({ id }) => id));
    const gone = loaded.keys.filter(({ id }) => !ids.has(id));
    loaded = { stamp: fresh.stamp, keys: [...gone, ...fresh.keys] };
  }

  return {
    current() {
      if (stampOf(file) !== loaded.stamp) refresh();
      const newest = loaded.keys.at(-1);
      if (newest === undefined) throw new Error(`${file} holds no key`);
      return newest;
    },
    find(id) {
      const known = loaded.keys.find((key) => key.id === id);
      if (known !== undefined || stampOf(file) === loaded.stamp) return known;
      refresh();
      return loaded.keys.find((key) => key.id === id);
    },
    all: () => loaded.keys,
  };
}

interface Loaded {
  readonly stamp: string;
  readonly keys: readonly SealingKey[];
}

function load(file: string): Loaded {
  // Before the content: a change in between is then seen as one.
  const stamp = stampOf(file);
  return { stamp, keys: readKeyFile(file) };
}

/** Differs whenever the file was replaced. */
function stampOf(file: string): string {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? '' : `${found.ino}:${found.mtimeNs}`;
}
