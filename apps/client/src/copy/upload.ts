import { lstat, readdir, readlink } from 'node:fs/promises';
import { basename, join, posix, resolve } from 'node:path';
import type { Sandbox } from '@sandboxed/sdk';
import { Problem } from '../problem.ts';
import type { Place } from './place.ts';
import { SentStream } from './sent-stream.ts';
import type { Entry } from './tar.ts';
import { tarOf } from './tar.ts';

type There = Extract<Place, { readonly kind: 'sandbox' }>;

/** What was copied. */
export interface Copied {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Copies a file or directory of this host into a sandbox, with its modes. As `cp -r` does: into what is a directory there, else to
 * the name that is given; `directory/.` copies what is in it. `skipped` is told of what cannot be copied.
 */
export async function upload(
  sandbox: Sandbox,
  from: string,
  to: There,
  signal: AbortSignal,
  skipped: (path: string, why: string) => void,
): Promise<Copied> {
  const { isDirectory } = await lookedAt(from);
  const isContents = isDirectory && /(^|\/)\.$/.test(from);
  const goesInto =
    !isContents &&
    (to.isDirectory || (await isDirectoryThere(sandbox, to.path, signal)));
  const name = goesInto
    ? posix.join(to.path, basename(resolve(from)))
    : to.path;
  const source = new SentStream(tarOf(entriesOf(from, name, skipped)));
  const archive = source.stream.pipeThrough(new CompressionStream('gzip'));
  return source.sent(() => sandbox.files.uploadTar(archive, { signal }));
}

async function isDirectoryThere(
  sandbox: Sandbox,
  path: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (path === '') return true;
  return (await sandbox.files.stat(path, { signal }))?.type === 'directory';
}

async function lookedAt(
  path: string,
): Promise<{ readonly isDirectory: boolean }> {
  try {
    const found = await lstat(path);
    return { isDirectory: found.isDirectory() };
  } catch (error) {
    throw new Problem(
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'Name a file or directory that is there.',
      { code: 'file_not_found' },
    );
  }
}

/** What is at a path, with all below it. */
async function* entriesOf(
  path: string,
  name: string,
  skipped: (path: string, why: string) => void,
  root = name,
): AsyncGenerator<Entry> {
  const found = await lstat(path);
  const { mode } = found;
  if (found.isDirectory()) {
    if (name !== '') yield { name, path, type: 'directory', mode, size: 0 };
    for (const inner of (await readdir(path)).sort())
      yield* entriesOf(
        join(path, inner),
        posix.join(name, inner),
        skipped,
        root,
      );
  } else if (found.isFile())
    yield { name, path, type: 'file', mode, size: found.size };
  else if (found.isSymbolicLink()) {
    const target = await readlink(path);
    if (leadsOut(target, name, root))
      skipped(path, 'a link that leads out of what is copied');
    else yield { name, path, type: 'link', mode, size: 0, target };
  } else skipped(path, 'neither a file nor a directory');
}

function leadsOut(target: string, name: string, root: string): boolean {
  if (posix.isAbsolute(target)) return true;
  const way = posix.relative(root, posix.join(posix.dirname(name), target));
  return way === '..' || way.startsWith('../');
}
