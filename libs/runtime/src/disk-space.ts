import { readFile, statfs } from 'node:fs/promises';

const MIB = 1_048_576;

/**
 * Room on the file system of `directory`: MiB, the share of inodes that are free, 1 where their number is not fixed, and whether the
 * file system holds nothing else.
 */
export async function readDiskSpace(directory: string): Promise<{
  readonly freeMb: number;
  readonly totalMb: number;
  readonly freeInodes: number;
  readonly isOwn: boolean;
}> {
  const { bavail, blocks, bsize, ffree, files } = await statfs(directory);
  return {
    freeMb: (bavail * bsize) / MIB,
    totalMb: (blocks * bsize) / MIB,
    freeInodes: files === 0 ? 1 : ffree / files,
    isOwn: isOwnFileSystem(
      await readFile('/proc/self/mountinfo', 'utf8'),
      directory,
    ),
  };
}

/**
 * Whether a whole file system is mounted at `directory`, by the text of `/proc/self/mountinfo`: in a container, a bind mount of a
 * directory is known by its root, which is not that of its file system.
 */
export function isOwnFileSystem(mounts: string, directory: string): boolean {
  return mounts.split('\n').some((line) => {
    const [, , , root, point] = line.split(' ');
    return root === '/' && point === directory;
  });
}
