import { lstat } from 'node:fs/promises';
import { isMissing } from '@sandboxed/runtime';
import { Refusal } from './call.ts';

/**
 * Refuses a call that would make the Engine follow a link out of the data directory: whoever can write there could plant one in
 * place of a workspace. The data directory itself is the operator's. What is missing is the Engine's to complain of. Throws
 * {@link Refusal}.
 */
export async function holdToDataDir(
  dataDir: string,
  directories: readonly string[],
): Promise<void> {
  for (const directory of directories) {
    if (!directory.startsWith(`${dataDir}/`)) throw outside();
    let at = dataDir;
    for (const part of directory.slice(dataDir.length + 1).split('/')) {
      if (part === '' || part === '.' || part === '..') throw outside();
      at = `${at}/${part}`;
      const found = await lstat(at).catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      });
      if (found === undefined) break;
      if (!found.isDirectory()) throw outside();
    }
  }
}

function outside(): Refusal {
  return new Refusal(
    'A mount must be a directory below the data directory, and no link.',
  );
}
