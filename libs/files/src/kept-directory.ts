import type { Directory } from './directory.ts';
import { ensureDirectory } from './walk.ts';

/** Archives come directory by directory: the last one used stays open for the entries behind it. */
export class KeptDirectory implements AsyncDisposable {
  readonly #home: string;
  #parts: readonly string[] = [];
  #directory: Directory | undefined;

  constructor(home: string) {
    this.#home = home;
  }

  /** The directory, made if it is missing; open until the next call. Throws like `ensureDirectory`. */
  async ensure(parts: readonly string[]): Promise<Directory> {
    const same =
      parts.length === this.#parts.length &&
      parts.every((part, index) => part === this.#parts[index]);
    if (same && this.#directory !== undefined) return this.#directory;
    await this[Symbol.asyncDispose]();
    this.#directory = await ensureDirectory(this.#home, parts);
    this.#parts = parts;
    return this.#directory;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const directory = this.#directory;
    this.#directory = undefined;
    await directory?.[Symbol.asyncDispose]();
  }
}
