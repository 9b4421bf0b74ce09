import { createHash } from 'node:crypto';
import type { WriteStream } from 'node:fs';
import { createReadStream, createWriteStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileFacts } from './manifest.ts';

/** Takes size and checksum of what flows through it. */
export function meter() {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* pass(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  }
  return {
    pass,
    /** To be asked once, when everything has passed. */
    facts: (): FileFacts => ({ bytes, sha256: hash.digest('hex') }),
  };
}

/** A file that is not there yet, readable by its owner alone and on disk when the stream has closed. */
export function newFile(path: string): WriteStream {
  return createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
}

/** Copies a file to one that is not there yet. */
export async function copyFile(
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<FileFacts> {
  const { pass, facts } = meter();
  await pipeline(createReadStream(from), pass, newFile(to), { signal });
  return facts();
}

/** Size and checksum of a file. */
export async function factsOf(
  path: string,
  signal: AbortSignal,
): Promise<FileFacts> {
  const { pass, facts } = meter();
  const nowhere = new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
  await pipeline(createReadStream(path), pass, nowhere, { signal });
  return facts();
}
