import type { FileEntry } from '@sandboxed/sdk';

/** Directories first, then by name as people order them. */
export function inOrder(entries: readonly FileEntry[]): readonly FileEntry[] {
  return entries.toSorted(
    (a, b) =>
      Number(b.type === 'directory') - Number(a.type === 'directory') ||
      a.path.localeCompare(b.path, undefined, { numeric: true }),
  );
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The directory that something is in; empty for the app directory. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

/** Whether a path is this very one, or below it. */
export function isIn(path: string, above: string): boolean {
  return path === above || path.startsWith(`${above}/`);
}

/** A name within a directory. */
export function within(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}
