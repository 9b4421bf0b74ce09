import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { errnoOf } from '../errors.ts';
import type { Bytes } from '../place.ts';
import { ByteReader } from './byte-reader.ts';
import { damaged } from './header.ts';

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/** The bytes themselves, or what gzip made of them. Throws `invalid_request` when that is damaged or cut short. */
export async function* unzipped(bytes: Bytes): AsyncGenerator<Uint8Array> {
  using reader = new ByteReader(bytes);
  const head = await reader.peek(GZIP_MAGIC.length);
  const all = reader.pieces(Number.MAX_SAFE_INTEGER);
  if (!head.equals(GZIP_MAGIC)) {
    yield* all;
    return;
  }
  const gunzip = createGunzip();
  // Whatever ends this ends the iteration below with the same error.
  pipeline(Readable.from(all), gunzip).catch(() => undefined);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (error) {
    if (errnoOf(error)?.startsWith('Z_') !== true) throw error;
    throw damaged('its compression is damaged or cut short');
  }
}
