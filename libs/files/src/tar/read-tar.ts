import type { Bytes } from '../place.ts';
import { ByteReader } from './byte-reader.ts';
import type { TarHeader } from './header.ts';
import {
  BLOCK_BYTES,
  damaged,
  decodeHeader,
  nameOf,
  padding,
} from './header.ts';

/** Records and long names before an entry are held whole; real ones are a path or two. */
const MAX_EXTENSION_BYTES = 65_536;

/** An entry and its content, which is there until the next entry is asked for. */
export interface TarEntry extends TarHeader {
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * Reads the entries of a tar file (ustar, pax or GNU) one after the other, with one chunk in memory.
 * Throws `invalid_request` when it is damaged or cut short, and what `bytes` throws.
 */
export async function* readTar(bytes: Bytes): AsyncGenerator<TarEntry> {
  using reader = new ByteReader(bytes);
  let extended: Partial<TarHeader> = {};
  for (;;) {
    const block = await whole(reader, BLOCK_BYTES);
    if (block.every((byte) => byte === 0)) break;
    const header = decodeHeader(block);
    if (isExtension(header.type)) {
      extended = { ...extended, ...(await extension(reader, header)) };
      continue;
    }
    const entry = asDirectory({ ...header, ...extended });
    extended = {};
    // Of what is no file, some writers put a size that nothing follows.
    let left = entry.type === '0' ? entry.size : 0;
    const fill = padding(left);
    async function* content(): AsyncGenerator<Uint8Array> {
      for await (const piece of reader.pieces(left)) {
        left -= piece.length;
        yield piece;
      }
      if (left > 0) throw cutShort();
    }
    yield { ...entry, content: content() };
    for await (const piece of reader.pieces(left + fill)) left -= piece.length;
    if (left > -fill) throw cutShort();
  }
  await reader.skipRest();
}

/** Old writers mark a directory by its name alone: by the whole one, since the header's may be cut behind any slash of it. */
function asDirectory(header: TarHeader): TarHeader {
  return header.type === '0' && header.path.endsWith('/')
    ? { ...header, type: '5' }
    : header;
}

function isExtension(type: string): boolean {
  return ['x', 'g', 'L', 'K'].includes(type);
}

async function extension(
  reader: ByteReader,
  { type, size }: TarHeader,
): Promise<Partial<TarHeader>> {
  if (size > MAX_EXTENSION_BYTES)
    throw damaged(`a header is larger than ${MAX_EXTENSION_BYTES} bytes`);
  const data = await whole(reader, size);
  await whole(reader, padding(size));
  switch (type) {
    case 'x':
      return paxFields(data);
    case 'L':
      return { path: nameOf(withoutNul(data)) };
    case 'K':
      return { link: nameOf(withoutNul(data)) };
    default:
      // Global records hold what concerns nobody here, such as the commit that `git archive` notes.
      return {};
  }
}

function paxFields(data: Buffer): Partial<TarHeader> {
  const fields: { path?: string; link?: string; size?: number } = {};
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(0x20, at);
    const length = Number(data.subarray(at, space).toString('latin1'));
    const end = at + length;
    const equals = data.indexOf(0x3d, space);
    const sound =
      Number.isSafeInteger(length) &&
      space > at &&
      equals > space &&
      end > equals &&
      end <= data.length &&
      data[end - 1] === 0x0a;
    if (!sound) throw damaged('a pax record is damaged');
    const key = data.subarray(space + 1, equals).toString('latin1');
    const value = data.subarray(equals + 1, end - 1);
    if (key === 'path') fields.path = nameOf(value);
    if (key === 'linkpath') fields.link = nameOf(value);
    if (key === 'size') fields.size = sizeOf(value);
    if (key.startsWith('GNU.sparse.')) throw damaged('it holds a sparse file');
    at = end;
  }
  return fields;
}

function sizeOf(value: Buffer): number {
  const size = /^\d+$/.test(value.toString('latin1'))
    ? Number(value.toString('latin1'))
    : NaN;
  if (!Number.isSafeInteger(size)) throw damaged('a pax record is damaged');
  return size;
}

function withoutNul(data: Buffer): Buffer {
  return data.at(-1) === 0 ? data.subarray(0, -1) : data;
}

async function whole(reader: ByteReader, length: number): Promise<Buffer> {
  const bytes = await reader.take(length);
  if (bytes.length < length) throw cutShort();
  return bytes;
}

function cutShort() {
  return damaged('it is cut short');
}
