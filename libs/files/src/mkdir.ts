import type { FilePath } from '@sandboxed/domain';
import { ensureDirectory } from './walk.ts';

/** Makes a directory with its parents; one that is there is fine. Throws `file_conflict`, `invalid_request` for a link, `disk_full`. */
export async function makeDirectory(
  home: string,
  path: FilePath,
): Promise<void> {
  const directory = await ensureDirectory(home, path);
  await directory[Symbol.asyncDispose]();
}
