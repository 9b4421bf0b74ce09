import type { Stats } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { DomainError, MAX_PATH_PARTS } from '@sandboxed/domain';
import type { Directory, Name } from './directory.ts';
import { errnoOf, ignoreMissing } from './errors.ts';
import { staysInside } from './inner-link.ts';
import { openRegular, readBytes } from './regular-file.ts';
import { BLOCK_BYTES, encodeHeader, padding } from './tar/header.ts';
import { utf8 } from './utf8.ts';
import { openDirectory } from './walk.ts';

/** Directories that tools make again from what is exported. */
const LEFT_OUT = new Set([
  'node_modules',
  '.venv',
  'venv',
  '__pycache__',
  '.next',
  '.cache',
]);

/**
 * Writes the app directory as tar.gz into `sink` and ends it. Left out: directories that tools make again, links that lead
 * out, pipes, sockets and devices, names that are not UTF-8. Throws `file_conflict` for a tree of more than 256 levels.
 */
export async function exportTree(home: string, sink: Writable): Promise<void> {
  // Opened first: what this throws leaves the sink as it is.
  await using root = await openDirectory(home, []).catch(unlessNothingYet);
  const bytes = archive(root);
  try {
    await pipeline(bytes, createGzip(), sink);
  } finally {
    // A broken pipeline does not wait for the step under way, which still uses the directory.
    await bytes.return(undefined);
  }
}

async function* archive(root: Directory | undefined): AsyncGenerator<Buffer> {
  if (root !== undefined) yield* entries(root, []);
  yield Buffer.alloc(2 * BLOCK_BYTES);
}

function unlessNothingYet(error: unknown): undefined {
  const code = error instanceof DomainError ? error.code : undefined;
  if (code !== 'file_not_found' && code !== 'busy') throw error;
}

async function* entries(
  directory: Directory,
  parts: readonly string[],
): AsyncGenerator<Buffer> {
  if (parts.length > MAX_PATH_PARTS)
    throw new DomainError(
      'file_conflict',
      `The tree is deeper than ${MAX_PATH_PARTS} directories.`,
    );
  for await (const bytes of directory.names()) {
    const name = utf8(bytes);
    const stats = await lstat(directory.at(bytes)).catch(ignoreMissing);
    if (name === undefined || stats === undefined) continue;
    const path = [...parts, name];
    if (stats.isDirectory() && !LEFT_OUT.has(name))
      yield* directoryEntry(directory, bytes, path, stats);
    else if (stats.isFile()) yield* fileEntry(directory, bytes, path);
    else if (stats.isSymbolicLink())
      yield* linkEntry(directory, bytes, path, stats);
  }
}

async function* directoryEntry(
  parent: Directory,
  name: Name,
  path: readonly string[],
  stats: Stats,
): AsyncGenerator<Buffer> {
  await using directory = await parent.child(name).catch(unlessChanged);
  if (directory === undefined) return;
  yield header(`${path.join('/')}/`, '5', stats, 0);
  yield* entries(directory, path);
}

async function* fileEntry(
  parent: Directory,
  name: Name,
  path: readonly string[],
): AsyncGenerator<Buffer> {
  const shown = path.join('/');
  await using handle = await openRegular(parent, name, shown).catch(
    unlessChanged,
  );
  if (handle === undefined) return;
  const stats = await handle.stat();
  yield header(shown, '0', stats, stats.size);
  let left = stats.size;
  for await (const chunk of readBytes(handle, 0, stats.size)) {
    left -= chunk.length;
    yield chunk;
  }
  // The header has promised its size: a file that became shorter meanwhile ends in NUL bytes, as with every tar.
  for (left += padding(stats.size); left > 0; left -= BLOCK_BYTES)
    yield Buffer.alloc(Math.min(left, BLOCK_BYTES));
}

async function* linkEntry(
  parent: Directory,
  name: Name,
  path: readonly string[],
  stats: Stats,
): AsyncGenerator<Buffer> {
  const target = await readlink(parent.at(name), { encoding: 'buffer' }).catch(
    unlessChanged,
  );
  const text = target === undefined ? undefined : utf8(target);
  if (text !== undefined && staysInside(path.slice(0, -1), text))
    yield header(path.join('/'), '2', stats, 0, text);
}

function header(
  path: string,
  type: string,
  { mode, mtimeMs }: Stats,
  size: number,
  link = '',
): Buffer {
  return encodeHeader({
    path,
    type,
    size,
    mode: mode & 0o777,
    link,
    modifiedAtSeconds: Math.floor(mtimeMs / 1000),
  });
}

/** An entry that went away or became something else since its directory was read is left out. */
function unlessChanged(error: unknown): undefined {
  const changed =
    error instanceof DomainError ||
    ['ENOENT', 'ENOTDIR', 'EINVAL'].includes(errnoOf(error) ?? '');
  if (!changed) throw error;
}
