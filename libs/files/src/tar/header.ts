import { DomainError } from '@sandboxed/domain';
import { utf8 } from '../utf8.ts';

export const BLOCK_BYTES = 512;

/** What tar says of an entry; `type` is the flag of the format: `0` file, `2` symbolic link, `5` directory, … */
export interface TarHeader {
  readonly path: string;
  readonly type: string;
  /** Bytes of content behind the header. */
  readonly size: number;
  readonly mode: number;
  /** Target of a link, else empty. */
  readonly link: string;
  /** Seconds since the epoch; 0 when it is read, where nobody uses it. */
  readonly modifiedAtSeconds: number;
}

/** Where each field lies in the block: offset and length. */
const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  link: [157, 100],
  magic: [257, 6],
  version: [263, 2],
  prefix: [345, 155],
} as const;
type Field = keyof typeof FIELD;

/** The largest size that its octal field holds. */
const MAX_OCTAL_SIZE = 0o77777777777;

export function damaged(what: string): DomainError {
  return new DomainError(
    'invalid_request',
    `The archive cannot be read: ${what}. Send a tar file, plain or compressed with gzip.`,
  );
}

/** Reads a header block. Throws `invalid_request` when it is none. */
export function decodeHeader(block: Buffer): TarHeader {
  if (number(block, 'checksum') !== checksum(block))
    throw damaged('a header is damaged');
  const name = text(block, 'name');
  const prefix =
    bytes(block, 'magic').toString('latin1') === 'ustar\0'
      ? text(block, 'prefix')
      : '';
  const path = prefix === '' ? name : `${prefix}/${name}`;
  const flag = bytes(block, 'type').toString('latin1');
  const isFile = flag === '\0' || flag === '0' || flag === '7';
  return {
    path,
    type: isFile ? '0' : flag,
    size: number(block, 'size'),
    mode: number(block, 'mode'),
    link: text(block, 'link'),
    modifiedAtSeconds: 0,
  };
}

/** The blocks of a header: what does not fit its fields goes into a pax record before it. */
export function encodeHeader(header: TarHeader): Buffer {
  const records = [
    ...(fits(header.path, 'name') ? [] : [record('path', header.path)]),
    ...(fits(header.link, 'link') ? [] : [record('linkpath', header.link)]),
    ...(header.size <= MAX_OCTAL_SIZE
      ? []
      : [record('size', String(header.size))]),
  ];
  if (records.length === 0) return block(header);
  const pax = Buffer.concat(records);
  return Buffer.concat([
    block({ ...header, path: 'pax', link: '', type: 'x', size: pax.length }),
    pax,
    Buffer.alloc(padding(pax.length)),
    block(header),
  ]);
}

/** Bytes that fill the last block of a content. */
export function padding(size: number): number {
  return (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
}

function block(header: TarHeader): Buffer {
  const out = Buffer.alloc(BLOCK_BYTES);
  const put = (field: Field, value: string): void => {
    const [at, length] = FIELD[field];
    out.write(value, at, length);
  };
  const octal = (field: Field, value: number): void => {
    put(field, value.toString(8).padStart(FIELD[field][1] - 1, '0'));
  };
  put('name', header.path);
  octal('mode', header.mode);
  octal('uid', 1000);
  octal('gid', 1000);
  octal('size', header.size <= MAX_OCTAL_SIZE ? header.size : 0);
  octal(
    'mtime',
    Math.min(Math.max(0, header.modifiedAtSeconds), MAX_OCTAL_SIZE),
  );
  put('type', header.type);
  put('link', header.link);
  put('magic', 'ustar\0');
  put('version', '00');
  put('checksum', `${checksum(out).toString(8).padStart(6, '0')}\0 `);
  return out;
}

function record(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (String(length).length + rest !== length)
    length = String(length).length + rest;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function fits(value: string, field: Field): boolean {
  return /^[\x20-\x7e]*$/.test(value) && value.length <= FIELD[field][1];
}

function bytes(block: Buffer, field: Field): Buffer {
  const [at, length] = FIELD[field];
  return block.subarray(at, at + length);
}

function text(block: Buffer, field: Field): string {
  const raw = bytes(block, field);
  const end = raw.indexOf(0);
  return nameOf(end === -1 ? raw : raw.subarray(0, end));
}

/** A name of an archive as text. Throws `invalid_request` when it is not UTF-8. */
export function nameOf(raw: Buffer): string {
  const name = utf8(raw);
  if (name === undefined) throw damaged('a name is not valid UTF-8');
  return name;
}

/** Octal text, or big-endian binary behind a byte of 0x80 (GNU, for what is too large for text). */
function number(block: Buffer, field: Field): number {
  const raw = bytes(block, field);
  const value =
    raw[0] === 0x80
      ? raw.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0)
      : Number.parseInt(
          /^ *([0-7]*)[ \0]*$/.exec(raw.toString('latin1'))?.[1] ?? 'none',
          8,
        );
  if (Number.isSafeInteger(value)) return value;
  if (raw.every((byte) => byte === 0 || byte === 0x20)) return 0;
  throw damaged('a number in a header is damaged');
}

/** The sum of all bytes, with the checksum's own field as spaces. */
function checksum(block: Buffer): number {
  const own = bytes(block, 'checksum');
  return (
    block.reduce((sum, byte) => sum + byte, 0) -
    own.reduce((sum, byte) => sum + byte, 0) +
    own.length * 0x20
  );
}
