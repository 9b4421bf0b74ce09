import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { EXIT, Problem } from './problem.ts';

const MIB = 1_048_576;
/** Beyond what is known, for directories, padding and what grows meanwhile. */
const MARGIN = 1.1;
const MARGIN_BYTES = 64 * MIB;

/** Bytes that a directory takes on disk; files that vanish meanwhile do not count. Links are counted, never followed. */
export function diskBytes(
  directory: string,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    execFile(
      'du',
      ['--summarize', '--block-size=1', '--', directory],
      { signal },
      (error, stdout) => {
        const bytes = /^\d+/.exec(stdout)?.[0];
        if (bytes !== undefined) resolve(Number(bytes));
        else
          reject(
            error ?? new Error(`du says nothing of ${directory}: ${stdout}`),
          );
      },
    );
  });
}

/** Throws a Problem unless the file system of `directory` has room for `bytes` and some more. */
export async function needSpace(
  directory: string,
  bytes: number,
): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const needed = bytes * MARGIN + MARGIN_BYTES;
  if (bavail * bsize >= needed) return;
  throw new Problem(
    `${inMb(bavail * bsize)} MB are free below ${directory}; this needs ${inMb(needed)}.`,
    'Free some space, or choose a directory on a larger disk.',
    EXIT.cannotCreate,
  );
}

/** Whole mebibytes, rounded up. */
export function inMb(bytes: number): number {
  return Math.ceil(bytes / MIB);
}
