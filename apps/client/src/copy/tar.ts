import { createReadStream } from 'node:fs';
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
const NAME_BYTES = 100;
const TYPES = { file: '0', link: '2', directory: '5' } as const;
/** What a size field of eleven octal digits can say. */
const MOST_BYTES = 0o77777777777;

/** A tar archive (POSIX pax) of entries, read as it is sent. Throws a `Problem` for a file that becomes shorter meanwhile. */
export async function* tarOf(
  entries: AsyncIterable<Entry> | Iterable<Entry>,
): AsyncGenerator<Buffer<ArrayBuffer>> {
  for await (const entry of entries) {
    const { name, target = '', size, path } = entry;
    const long = [
      ...longField('path', name),
      ...longField('linkpath', target),
      ...(size > MOST_BYTES ? [record('size', String(size))] : []),
    ].join('');
    if (long !== '') {
      const body = Buffer.from(long);
      yield header({
        name: 'pax',
        type: 'x',
        mode: 0o644,
        size: body.length,
        target: '',
      });
      yield padded(body);
    }
    yield header({ ...entry, target, type: TYPES[entry.type] });
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

function header({
  name,
  type,
  mode,
  size,
  target,
}: {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly size: number;
  readonly target: string;
}): Buffer<ArrayBuffer> {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, NAME_BYTES);
  block.write(octal(mode & 0o7777, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(Math.min(size, MOST_BYTES), 11), 124);
  block.write(octal(0, 11), 136);
  block.write(' '.repeat(8), 148);
  block.write(type, 156);
  block.write(target, 157, NAME_BYTES);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

const octal = (value: number, digits: number): string =>
  value.toString(8).padStart(digits, '0');

function longField(key: string, value: string): string[] {
  return Buffer.byteLength(value) > NAME_BYTES ? [record(key, value)] : [];
}

/** `<length> <key>=<value>\n`, whose length counts its own digits. */
function record(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (length !== rest + String(length).length)
    length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

function padded(body: Buffer): Buffer<ArrayBuffer> {
  return Buffer.concat([
    body,
    Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK),
  ]);
}
