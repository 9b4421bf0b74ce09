import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import type { Name } from './directory.ts';
import { Directory } from './directory.ts';
import { errnoOf, ignoreMissing } from './errors.ts';

/** Entries whose figures are asked for at once. */
const BATCH = 64;
/** A block of `stat` has this many bytes, whatever the file system's own have. */
const BLOCK_BYTES = 512;

export interface Measured {
  /** As allocated on the disk: of a sparse file what it has, of a file with several names its own once. */
  readonly bytes: number;
  /** Entries of any kind below the root, one for each name. */
  readonly files: number;
  /** False when a bound ended it: there is at least so much. */
  readonly complete: boolean;
}

/** Says when to end, and lets others work. */
export interface MeasureBounds {
  readonly maxEntries: number;
  /** Called after each batch and each directory; `false` ends the walk. */
  readonly goOn: () => Promise<boolean>;
}

/**
 * Counts what lies below `root`, which is trusted; a missing one is nothing. Whatever a process in the sandbox does meanwhile, no
 * link is followed and nothing outside is looked at: one directory is held at a time, entered by its name in the one above and left
 * by its `..`, and both are compared with what was seen. What moves during the walk may be missed or counted twice; what is
 * deleted but still open has no name and is not seen.
 */
export async function measureTree(
  root: string,
  bounds: MeasureBounds,
): Promise<Measured> {
  const top = await Directory.open(root).catch(ignoreMissing);
  if (top === undefined) return { bytes: 0, files: 0, complete: true };
  await using walk = new Walk(root, top);
  const complete = await walk.run(bounds);
  return { bytes: walk.bytes, files: walk.files, complete };
}

/** A directory on the way down from the root, and what is still to be entered of it. */
interface Level {
  readonly name: Name;
  readonly id: string;
  readonly pending: Buffer[];
}

class Walk implements AsyncDisposable {
  bytes = 0;
  files = 0;
  readonly #root: string;
  #current: Directory;
  readonly #levels: Level[] = [];
  /** Of files with several names. */
  readonly #counted = new Set<string>();

  constructor(root: string, top: Directory) {
    this.#root = root;
    this.#current = top;
  }

  async run({ maxEntries, goOn }: MeasureBounds): Promise<boolean> {
    const isOn = async (): Promise<boolean> =>
      this.files <= maxEntries && (await goOn());
    const top = await lstat(this.#current.at('.'));
    this.bytes += top.blocks * BLOCK_BYTES;
    if (!(await this.#read('', top, isOn))) return false;
    for (
      let level = this.#levels.at(-1);
      level !== undefined;
      level = this.#levels.at(-1)
    ) {
      if (!(await isOn())) return false;
      const name = level.pending.pop();
      if (name === undefined) await this.#leave();
      else if (!(await this.#enter(name, isOn))) return false;
    }
    return true;
  }

  /** Counts the entries of the current directory and makes it the last level. */
  async #read(
    name: Name,
    stats: Stats,
    isOn: () => Promise<boolean>,
  ): Promise<boolean> {
    const pending: Buffer[] = [];
    this.#levels.push({ name, id: idOf(stats), pending });
    let batch: Buffer[] = [];
    for await (const entry of this.#current.names()) {
      batch.push(entry);
      if (batch.length < BATCH) continue;
      await this.#count(batch, pending);
      batch = [];
      if (!(await isOn())) return false;
    }
    await this.#count(batch, pending);
    return true;
  }

  async #count(names: readonly Buffer[], pending: Buffer[]): Promise<void> {
    const found = await Promise.all(
      names.map((name) => lstat(this.#current.at(name)).catch(ignoreMissing)),
    );
    for (const [index, stats] of found.entries()) {
      const name = names[index];
      if (stats === undefined || name === undefined) continue;
      this.files += 1;
      if (stats.isDirectory()) pending.push(name);
      else if (stats.nlink > 1) {
        const id = idOf(stats);
        if (this.#counted.has(id)) continue;
        this.#counted.add(id);
      }
      this.bytes += stats.blocks * BLOCK_BYTES;
    }
  }

  async #enter(name: Buffer, isOn: () => Promise<boolean>): Promise<boolean> {
    // Gone, or something else by now: what it was is counted.
    const child = await this.#current.child(name).catch(unlessChanged);
    if (child === undefined) return true;
    await this.#go(child);
    return this.#read(name, await lstat(child.at('.')), isOn);
  }

  async #leave(): Promise<void> {
    this.#levels.pop();
    const above = this.#levels.at(-1);
    if (above === undefined) return;
    // `..` is never a link, but a directory that was moved has another one.
    const parent = await this.#current.child('..').catch(unlessChanged);
    if (parent !== undefined) {
      await this.#go(parent);
      if (idOf(await lstat(parent.at('.'))) === above.id) return;
    }
    await this.#returnFromTop();
  }

  /** Goes down again to the lowest level that is still where it was; those below it moved, and what was left of them with them. */
  async #returnFromTop(): Promise<void> {
    await this.#go(await Directory.open(this.#root));
    for (const [index, { name, id }] of this.#levels.entries()) {
      if (index === 0) continue;
      const child = await this.#current.child(name).catch(unlessChanged);
      const isSame =
        child !== undefined && idOf(await lstat(child.at('.'))) === id;
      if (isSame) await this.#go(child);
      else {
        await child?.[Symbol.asyncDispose]();
        this.#levels.length = index;
        return;
      }
    }
  }

  async #go(directory: Directory): Promise<void> {
    const left = this.#current;
    this.#current = directory;
    await left[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#current[Symbol.asyncDispose]();
  }
}

function idOf({ dev, ino }: Stats): string {
  return `${String(dev)}:${String(ino)}`;
}

function unlessChanged(error: unknown): undefined {
  if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? ''))
    return undefined;
  throw error;
}
