import { lstat, open, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EXIT, isSystemError, Problem } from './problem.ts';

/** Whether there is a directory. Throws a Problem for a link or anything else of that name: none is followed. */
export async function isDirectory(path: string): Promise<boolean> {
  const found = await statOf(path);
  if (found === undefined) return false;
  if (found.isDirectory()) return true;
  throw new Problem(
    `${path} is not a directory.`,
    'Links are not followed: put the directory itself there.',
    EXIT.cannotCreate,
  );
}

/** Throws a Problem unless a backup can be made under this name: new, in a directory that is there, outside the data directory. */
export async function needNewPlace(
  directory: string,
  dataDir: string,
): Promise<void> {
  if ((await statOf(directory)) !== undefined)
    throw new Problem(
      `${directory} is there already.`,
      `Name a new directory in one that is there, such as ${directory}/monday.`,
      EXIT.cannotCreate,
    );
  const parent = await realpath(dirname(directory)).catch((error: unknown) => {
    if (!isSystemError(error, 'ENOENT')) throw error;
    throw new Problem(
      `${dirname(directory)} is not there.`,
      'Is its disk mounted? Else make the directory, then run this again.',
      EXIT.cannotCreate,
    );
  });
  if (`${parent}/`.startsWith(`${await realpath(dataDir)}/`))
    throw new Problem(
      `${directory} is in the data directory, which it is a backup of.`,
      'Choose a directory elsewhere, best on another disk.',
      EXIT.cannotCreate,
    );
}

/** Waits until the names in a directory are on disk. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function statOf(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}
