import { lstat, rename } from 'node:fs/promises';
import type { FilePath } from '@sandboxed/domain';
import { conflict, explain } from './errors.ts';
import { linkNew, replaceable } from './place.ts';
import { holdTo } from './precondition.ts';
import type { Turns } from './turns.ts';
import { ensureDirectory, locate, openDirectory } from './walk.ts';

/**
 * Moves a file, directory or link (the link itself) to another name; parents are made, a file there is replaced, a
 * directory is not; with `replace` off nothing is, but an empty directory that a process of the sandbox makes just then. Throws `file_not_found`, `file_conflict`, `precondition_failed`, `invalid_request` for
 * a link in the way.
 */
export async function moveFile(
  home: string,
  from: FilePath,
  to: FilePath,
  turns: Turns,
  { replace } = { replace: true },
): Promise<void> {
  const source = locate(from);
  const target = locate(to);
  await using sourceDirectory = await openDirectory(home, source.parent);
  const moved = await lstat(sourceDirectory.at(source.name)).catch(
    (error: unknown) => {
      throw explain(error, source.shown);
    },
  );
  if (`${target.shown}/`.startsWith(`${source.shown}/`))
    throw conflict(source.shown, 'cannot be moved into or onto itself');
  await using targetDirectory = await ensureDirectory(home, target.parent);
  if (replace) await replaceable(targetDirectory, target.name, target.shown);
  try {
    await turns.take(home, async () => {
      const [old, fresh] = [
        sourceDirectory.at(source.name),
        targetDirectory.at(target.name),
      ];
      if (!replace && moved.isFile()) {
        await linkNew(old, fresh, target.shown);
        return;
      }
      if (!replace)
        await holdTo('new', targetDirectory, target.name, target.shown);
      await rename(old, fresh);
    });
  } catch (error) {
    throw explain(error, target.shown);
  }
}
