import { rmdir, unlink } from 'node:fs/promises';
import type { FilePath } from '@sandboxed/domain';
import { DomainError, MAX_PATH_PARTS } from '@sandboxed/domain';
import type { Directory, Name } from './directory.ts';
import { conflict, errnoOf, explain, ignoreMissing } from './errors.ts';
import { locate, openDirectory } from './walk.ts';

/** One call removes at most this many entries, so that a process that makes them as fast cannot hold it for ever. */
const MAX_REMOVED = 1_000_000;

/**
 * Removes a file, a link (the link itself) or a directory, with all that is in it when `recursive`.
 * Throws `file_not_found`, `file_conflict` for a directory that is not empty, `invalid_request` for a link in the way.
 */
export async function removeFile(
  home: string,
  path: FilePath,
  { recursive }: { readonly recursive: boolean },
): Promise<void> {
  const { parent, name, shown } = locate(path);
  await using directory = await openDirectory(home, parent);
  try {
    if (await unlinked(directory, name)) return;
    if (recursive) await emptied(directory, name, { depth: 0, removed: 0 });
    await rmdir(directory.at(name));
  } catch (error) {
    if (errnoOf(error) !== 'ENOTEMPTY') throw explain(error, shown);
    throw conflict(
      shown,
      recursive
        ? 'was written to while it was removed. Try again'
        : 'is not empty. Pass recursive=true to remove all that is in it',
    );
  }
}

/** Whether the entry went, as anything but a directory does. */
async function unlinked(directory: Directory, name: Name): Promise<boolean> {
  try {
    await unlink(directory.at(name));
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EISDIR') return false;
    throw error;
  }
}

async function emptied(
  parent: Directory,
  name: Name,
  progress: { depth: number; removed: number },
): Promise<void> {
  if (progress.depth > MAX_PATH_PARTS)
    throw new DomainError(
      'file_conflict',
      `The tree is deeper than ${MAX_PATH_PARTS} directories. Remove it with a command in the sandbox.`,
    );
  await using directory = await parent.child(name);
  for await (const entry of directory.names()) {
    progress.removed += 1;
    if (progress.removed > MAX_REMOVED)
      throw new DomainError(
        'file_conflict',
        `${MAX_REMOVED} entries were removed and there are more. Call again to go on.`,
      );
    const gone = await unlinked(directory, entry).catch(ignoreGone);
    if (gone) continue;
    progress.depth += 1;
    await emptied(directory, entry, progress);
    progress.depth -= 1;
    await rmdir(directory.at(entry)).catch(ignoreMissing);
  }
}

function ignoreGone(error: unknown): true {
  ignoreMissing(error);
  return true;
}
