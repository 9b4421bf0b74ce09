import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import {
  lchown,
  link,
  lstat,
  open,
  rename,
  symlink,
  unlink,
} from 'node:fs/promises';
import type { Directory } from './directory.ts';
import { TENANT } from './directory.ts';
import {
  conflict,
  errnoOf,
  explain,
  ignoreMissing,
  linkRefused,
} from './errors.ts';
import { etagOf } from './etag.ts';
import type { Precondition } from './precondition.ts';
import { holdTo, isThere } from './precondition.ts';

export type Bytes = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

const NEW_FILE_MODE = 0o644;

/** What a file of this name would take the place of. Throws for anything but a regular file. */
export async function replaceable(
  directory: Directory,
  name: string,
  shown: string,
): Promise<Stats | undefined> {
  const stats = await lstat(directory.at(name)).catch(ignoreMissing);
  if (stats?.isSymbolicLink()) throw linkRefused(shown);
  if (stats?.isDirectory()) throw conflict(shown, 'is a directory');
  if (stats?.isFile() === false)
    throw conflict(shown, 'is neither a file nor a directory');
  return stats;
}

export interface Placing {
  /** The old file's permissions stay unless given. */
  readonly mode?: number;
  readonly precondition?: Precondition | undefined;
  /** Runs the last step, in which the precondition is held and the file gets its name; at once unless given. */
  readonly turn?: (step: () => Promise<void>) => Promise<void>;
}

/**
 * Puts a file under its name in one step: whoever looks sees the old one or the whole new one. Answers its tag. Nothing is left behind
 * when `bytes` throws. Throws `precondition_failed`.
 */
export async function placeFile(
  directory: Directory,
  name: string,
  shown: string,
  bytes: Bytes,
  { mode, precondition, turn = (step) => step() }: Placing = {},
): Promise<string> {
  const before = await replaceable(directory, name, shown);
  // Also before a body is read that would be for nothing.
  if (precondition !== undefined)
    await holdTo(precondition, directory, name, shown);
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  let etag = '';
  const make = async (temporary: string | Buffer) => {
    await using handle = await open(
      temporary,
      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
      0o600,
    );
    await handle.chmod(mode ?? (before?.mode ?? NEW_FILE_MODE) & 0o777);
    await handle.chown(TENANT, TENANT);
    await handle.writeFile(bytes);
    etag = etagOf(await handle.stat({ bigint: true }));
  };
  await viaTemporary(directory, shown, make, (temporary) =>
    turn(async () => {
      if (precondition === 'new') {
        await linkNew(temporary, directory.at(name), shown);
        return;
      }
      if (precondition !== undefined)
        await holdTo(precondition, directory, name, shown);
      await rename(temporary, directory.at(name));
    }),
  );
  return etag;
}

/** Gives a file a second name, which fails for one that is taken, whoever took it. */
export async function linkNew(
  from: string | Buffer,
  to: string | Buffer,
  shown: string,
): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    throw errnoOf(error) === 'EEXIST' ? isThere(shown) : error;
  }
  await unlink(from);
}

/** Puts a symbolic link under its name in one step. It is made, never followed. */
export async function placeLink(
  directory: Directory,
  name: string,
  shown: string,
  target: string,
): Promise<void> {
  await replaceable(directory, name, shown);
  await viaTemporary(
    directory,
    shown,
    async (temporary) => {
      await symlink(target, temporary);
      await lchown(temporary, TENANT, TENANT);
    },
    (temporary) => rename(temporary, directory.at(name)),
  );
}

async function viaTemporary(
  directory: Directory,
  shown: string,
  make: (temporary: string | Buffer) => Promise<void>,
  put: (temporary: string | Buffer) => Promise<void>,
): Promise<void> {
  const temporary = directory.at(
    `.sandboxed-${randomBytes(8).toString('hex')}.tmp`,
  );
  try {
    await make(temporary);
    await put(temporary);
  } catch (error) {
    await unlink(temporary).catch(ignoreMissing);
    throw explain(error, shown);
  }
}
