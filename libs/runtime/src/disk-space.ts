import { statfs } from 'node:fs/promises';

const MIB = 1_048_576;

/** Room on the file system of `directory`: MiB, and the share of inodes that are free, 1 where their number is not fixed. */
export async function readDiskSpace(directory: string): Promise<{
  readonly freeMb: number;
  readonly totalMb: number;
  readonly freeInodes: number;
}> {
  const { bavail, blocks, bsize, ffree, files } = await statfs(directory);
  return {
    freeMb: (bavail * bsize) / MIB,
    totalMb: (blocks * bsize) / MIB,
    freeInodes: files === 0 ? 1 : ffree / files,
  };
}
