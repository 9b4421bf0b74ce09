import { createReadStream } from 'node:fs';
import { Header } from 'tar/header';
import { Pax } from 'tar/pax';
import { Problem } from '../problem.ts';

/** What goes into an archive. */
export interface Entry {
  /** As it is named there. */
  readonly name: string;
  /** What its content is read from: a path here. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'link';
  readonly mode: number;
  /** In bytes; 0 for what is no file. */
  readonly size: number;
  /** Where a link leads. */
  readonly target?: string;
}

const BLOCK = 512;
const TYPES = {
  file: 'File',
  link: 'SymbolicLink',
  directory: 'Directory',
} as const;

/** A tar archive (POSIX pax) of entries, read as it is sent. Throws a `Problem` for a file that becomes shorter meanwhile. */
export async function* tarOf(
  entries: AsyncIterable<Entry> | Iterable<Entry>,
): AsyncGenerator<Buffer<ArrayBuffer>> {
  for await (const entry of entries) {
    const { size, path } = entry;
    yield headerOf(entry);
    if (entry.type === 'file' && size > 0) yield* content(path, size);
  }
  yield Buffer.alloc(2 * BLOCK);
}

async function* content(
  path: string,
  size: number,
): AsyncGenerator<Buffer<ArrayBuffer>> {
  let read = 0;
  // What is added to it meanwhile is not in its header, and stays out.
  const chunks: AsyncIterable<Buffer<ArrayBuffer>> = createReadStream(path, {
    end: size - 1,
  });
  for await (const chunk of chunks) {
    read += chunk.length;
    yield chunk;
  }
  if (read !== size)
    throw new Problem(
      `${path} became shorter while it was read.`,
      'Copy it again when nobody writes to it.',
    );
  const rest = size % BLOCK;
  if (rest > 0) yield Buffer.alloc(BLOCK - rest);
}

function headerOf({
  name,
  type,
  mode,
  size,
  target,
}: Entry): Buffer<ArrayBuffer> {
  const said = {
    path: name,
    size,
    ...(target !== undefined && { linkpath: target }),
  };
  const block = Buffer.alloc(BLOCK);
  const isCut = new Header({
    ...said,
    type: TYPES[type],
    mode: mode & 0o7777,
    uid: 0,
    gid: 0,
    mtime: new Date(0),
  }).encode(block);
  // What does not fit into it is said before it.
  return isCut ? Buffer.concat([new Pax(said).encode(), block]) : block;
}
