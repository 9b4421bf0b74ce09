import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { lchown, lstat, open, rename, symlink, unlink } from 'node:fs/promises';
import type { Directory } from './directory.ts';
import { TENANT } from './directory.ts';
import { conflict, explain, ignoreMissing, linkRefused } from './errors.ts';

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

/**
 * Puts a file under its name in one step: whoever looks sees the old one or the whole new one. Without a mode the old
 * file's permissions stay. Nothing is left behind when `bytes` throws.
 */
export async function placeFile(
  directory: Directory,
  name: string,
  shown: string,
  bytes: Bytes,
  mode?: number,
): Promise<void> {
  const before = await replaceable(directory, name, shown);
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  await viaTemporary(directory, name, shown, async (temporary) => {
    await using handle = await open(
      temporary,
      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
      0o600,
    );
    await handle.chmod(mode ?? (before?.mode ?? NEW_FILE_MODE) & 0o777);
    await handle.chown(TENANT, TENANT);
    await handle.writeFile(bytes);
  });
}

/** Puts a symbolic link under its name in one step. It is made, never followed. */
export async function placeLink(
  directory: Directory,
  name: string,
  shown: string,
  target: string,
): Promise<void> {
  await replaceable(directory, name, shown);
  await viaTemporary(directory, name, shown, async (temporary) => {
    await symlink(target, temporary);
    await lchown(temporary, TENANT, TENANT);
  });
}

async function viaTemporary(
  directory: Directory,
  name: string,
  shown: string,
  make: (temporary: string | Buffer) => Promise<void>,
): Promise<void> {
  const temporary = directory.at(
    `.sandboxed-${randomBytes(8).toString('hex')}.tmp`,
  );
  try {
    await make(temporary);
    await rename(temporary, directory.at(name));
  } catch (error) {
    await unlink(temporary).catch(ignoreMissing);
    throw explain(error, shown);
  }
}
