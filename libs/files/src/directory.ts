import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, opendir } from 'node:fs/promises';
import { errnoOf } from './errors.ts';

/** uid and gid of every process in a sandbox: what is made here belongs to it. */
export const TENANT = 1000;

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Names from the disk stay bytes: they need not be UTF-8. */
export type Name = string | Buffer;

/**
 * A directory held by its descriptor. Whatever a process in the sandbox does to its name, this stays the same directory,
 * and an entry of it is reached through the descriptor: Node's stand-in for `openat` and its family.
 */
export class Directory implements AsyncDisposable {
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Opens a directory; fails with ENOTDIR when the last component is a link, wherever it leads. */
  static async open(path: string | Buffer): Promise<Directory> {
    return new Directory(
      await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK),
    );
  }

  /** The path of an entry, for calls that do not follow a link in the last component. Only while this is open. */
  at(name: Name): string | Buffer {
    const directory = `/proc/self/fd/${this.#handle.fd}/`;
    return typeof name === 'string'
      ? directory + name
      : Buffer.concat([Buffer.from(directory), name]);
  }

  child(name: Name): Promise<Directory> {
    return Directory.open(this.at(name));
  }

  /** The directory of this name, made for the tenant if it is missing. */
  async made(name: string): Promise<Directory> {
    let isNew = false;
    try {
      return await this.child(name);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
    try {
      await mkdir(this.at(name), 0o755);
      isNew = true;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
    const child = await this.child(name);
    try {
      if (isNew) await child.#handle.chown(TENANT, TENANT);
      return child;
    } catch (error) {
      await child[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Names of all entries, in the order of the disk. */
  async *names(): AsyncGenerator<Buffer> {
    // latin1 maps bytes to characters and back one to one.
    const entries = await opendir(`/proc/self/fd/${this.#handle.fd}`, {
      encoding: 'latin1',
    });
    for await (const { name } of entries) yield Buffer.from(name, 'latin1');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}
