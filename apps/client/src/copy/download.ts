import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileEntry, Sandbox } from '@sandboxed/sdk';
import { Problem } from '../problem.ts';
import type { Place } from './place.ts';
import type { Copied } from './upload.ts';

type There = Extract<Place, { readonly kind: 'sandbox' }>;
type Skipped = (path: string, why: string) => void;

/** So many files are under way at once. */
const AT_ONCE = 8;

/**
 * Copies a file or directory of a sandbox to this host, with its modes. As `cp -r` does: into what is a directory here, else to the
 * name that is given; `<sandbox>:directory/.` copies what is in it.
 */
export async function download(
  sandbox: Sandbox,
  from: There,
  to: string,
  signal: AbortSignal,
  skipped: Skipped,
): Promise<Copied> {
  const found = await entryAt(sandbox, from.path, signal);
  const isContents = found.type === 'directory' && from.isContents;
  const goesInto =
    !isContents && (to.endsWith('/') || (await isDirectoryHere(to)));
  const target = goesInto ? join(to, basename(from.path) || sandbox.id) : to;
  const plan: { readonly entry: FileEntry; readonly path: string }[] = [];
  if (found.type === 'directory') {
    await mkdir(target, { recursive: true });
    for await (const entry of below(sandbox, from.path, signal)) {
      const path = join(target, innerPath(entry.path, from.path));
      if (entry.type === 'directory') await mkdir(path, { recursive: true });
      else if (entry.type === 'file') plan.push({ entry, path });
      else skipped(entry.path, 'neither a file nor a directory');
    }
  } else if (found.type === 'file') plan.push({ entry: found, path: target });
  else skipped(from.path, 'neither a file nor a directory');
  let bytes = 0;
  for (let at = 0; at < plan.length; at += AT_ONCE)
    await Promise.all(
      plan.slice(at, at + AT_ONCE).map(async ({ entry, path }) => {
        const content = await sandbox.files.readStream(entry.path, { signal });
        await save(content, path, Number.parseInt(entry.mode, 8) & 0o777);
        bytes += entry.size;
      }),
    );
  return { files: plan.length, bytes };
}

/** What is at a path there. Throws a `Problem` for nothing. */
async function entryAt(
  sandbox: Sandbox,
  path: string,
  signal: AbortSignal,
): Promise<Pick<FileEntry, 'type'> & FileEntry> {
  const root: FileEntry = {
    path: '',
    type: 'directory',
    mode: '755',
    size: 0,
    modifiedAt: '',
  };
  const found = path === '' ? root : await sandbox.files.stat(path, { signal });
  if (found !== undefined) return found;
  throw new Problem(
    `There is no ${path} in the sandbox.`,
    'Paths are relative to its app directory.',
    { code: 'file_not_found' },
  );
}

/** All below a directory; a list at a time, since one holds 5,000 entries at most. */
async function* below(
  sandbox: Sandbox,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<FileEntry> {
  const { entries, truncated } = await sandbox.files.list(path, { signal });
  if (truncated)
    throw new Problem(
      `${path === '' ? 'The app directory' : path} holds too many files to be listed.`,
      "Pack them: 'sandboxed exec <sandbox> tar -czf all.tgz <directory>', and copy that.",
      { code: 'too_many_files' },
    );
  for (const entry of entries) {
    yield entry;
    if (entry.type === 'directory') yield* below(sandbox, entry.path, signal);
  }
}

/** The part of a path below a directory. What the sandbox tells is not trusted: throws for one that would lead elsewhere here. */
function innerPath(path: string, directory: string): string {
  const inner = directory === '' ? path : path.slice(directory.length + 1);
  const isBelow = directory === '' || path.startsWith(`${directory}/`);
  const isPlain = inner
    .split('/')
    .every((part) => !['', '.', '..'].includes(part) && !part.includes('\0'));
  if (isBelow && isPlain) return inner;
  throw new Problem(
    `The sandbox tells of a file that cannot be one: ${JSON.stringify(path)}.`,
    'Nothing more was copied.',
  );
}

async function isDirectoryHere(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

/** Writes a file in one step: who reads it sees the old one or the new one, and one that broke off leaves nothing. */
async function save(
  content: ReadableStream<Uint8Array>,
  path: string,
  mode: number,
): Promise<void> {
  const staging = await mkdtemp(join(dirname(path), '.sandboxed-'));
  try {
    const part = join(staging, 'part');
    await pipeline(Readable.from(content), createWriteStream(part));
    await chmod(part, mode);
    await rename(part, path);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
