import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import type { FileEntry, FileList, FilePath } from '@sandboxed/domain';
import { DomainError } from '@sandboxed/domain';
import { ignoreMissing } from './errors.ts';
import { utf8 } from './utf8.ts';
import { openDirectory } from './walk.ts';

const MAX_ENTRIES = 5_000;
/** Directories below the one that is listed. */
const MAX_DEPTH = 64;

/**
 * Lists a directory, level by level when `recursive`; links are named, not followed. Beyond 5,000 entries or 64 levels
 * the list is truncated. Names that are not UTF-8 are left out: no call could name them.
 * Throws `file_not_found`, `file_conflict`, `invalid_request` for a link.
 */
export async function listFiles(
  home: string,
  path: FilePath,
  { recursive }: { readonly recursive: boolean },
): Promise<FileList> {
  const entries: FileEntry[] = [];
  const pending: (readonly string[])[] = [path];
  let truncated = false;
  for (let at = pending.shift(); at !== undefined; at = pending.shift()) {
    const room = MAX_ENTRIES - entries.length;
    const found = await entriesOf(home, at, room + 1).catch(
      unlessVanished(at === path ? path : undefined),
    );
    if (found.length > room) truncated = true;
    for (const entry of found.slice(0, room)) {
      entries.push(entry);
      if (!recursive || entry.type !== 'directory') continue;
      const parts = entry.path.split('/');
      if (parts.length - path.length > MAX_DEPTH) truncated = true;
      else pending.push(parts);
    }
    if (truncated && entries.length === MAX_ENTRIES) break;
  }
  return { path: path.join('/'), entries, truncated };
}

/** A directory met on the way may be gone or a link by now; the one asked for may not, unless it is the app directory. */
function unlessVanished(
  asked: FilePath | undefined,
): (error: unknown) => FileEntry[] {
  return (error) => {
    if (!(error instanceof DomainError)) throw error;
    if (asked === undefined) return [];
    const nothingYet = error.code === 'file_not_found' || error.code === 'busy';
    if (asked.length === 0 && nothingYet) return [];
    throw error;
  };
}

async function entriesOf(
  home: string,
  parts: readonly string[],
  max: number,
): Promise<FileEntry[]> {
  await using directory = await openDirectory(home, parts);
  const found: FileEntry[] = [];
  for await (const bytes of directory.names()) {
    const name = utf8(bytes);
    const stats = await lstat(directory.at(bytes)).catch(ignoreMissing);
    if (name === undefined || stats === undefined) continue;
    found.push(entryOf([...parts, name].join('/'), stats));
    if (found.length === max) break;
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function entryOf(path: string, stats: Stats): FileEntry {
  return {
    path,
    type: stats.isFile()
      ? 'file'
      : stats.isDirectory()
        ? 'directory'
        : stats.isSymbolicLink()
          ? 'link'
          : 'other',
    size: stats.size,
    modified_at: stats.mtime.toISOString(),
    mode: (stats.mode & 0o7777).toString(8).padStart(4, '0'),
  };
}
