import { realpath } from 'node:fs/promises';
import { Refusal } from './call.ts';

/**
 * Refuses a call that would make the Engine follow a link out of the data directory: whoever can write there could plant one in
 * place of a workspace. A directory that is missing is the Engine's to complain of. Throws {@link Refusal}.
 */
export async function holdToDataDir(
  dataDir: string,
  directories: readonly string[],
): Promise<void> {
  if (directories.length === 0) return;
  const root = await realpath(dataDir);
  for (const directory of directories) {
    const inside = directory.startsWith(`${dataDir}/`)
      ? root + directory.slice(dataDir.length)
      : undefined;
    const real = await realpath(directory).catch((error: unknown) => {
      if (isMissing(error)) return inside;
      throw error;
    });
    if (inside === undefined || real !== inside)
      throw new Refusal(
        'A mount must be a directory below the data directory, and no link.',
      );
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
