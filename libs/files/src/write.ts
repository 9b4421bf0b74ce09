import { createHash } from 'node:crypto';
import type { FilePath, WrittenFile } from '@sandboxed/domain';
import { tooLarge } from './errors.ts';
import type { Bytes } from './place.ts';
import { placeFile } from './place.ts';
import type { Precondition } from './precondition.ts';
import type { Turns } from './turns.ts';
import { ensureDirectory, locate } from './walk.ts';

export interface WriteOptions {
  /** How large the file may be. */
  readonly maxBytes: number;
  /** Permissions; as they were, or 0644, unless given. */
  readonly mode?: number;
  /** Other changes of the same home. */
  readonly turns: Turns;
}

/**
 * Writes a whole file in one step, from memory or from a stream; parents are made. Throws `body_too_large` beyond
 * `maxBytes`, `precondition_failed`, `file_conflict`, `invalid_request` for a link, `disk_full`, and what `bytes` throws.
 */
export async function writeFile(
  home: string,
  path: FilePath,
  bytes: Bytes,
  {
    maxBytes,
    turns,
    ...options
  }: WriteOptions & { readonly precondition?: Precondition | undefined },
): Promise<WrittenFile> {
  const { parent, name, shown } = locate(path);
  const hash = createHash('sha256');
  let size = 0;
  async function* measured(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge('The file', maxBytes);
      hash.update(chunk);
      yield chunk;
    }
  }
  await using directory = await ensureDirectory(home, parent);
  const etag = await placeFile(directory, name, shown, measured(), {
    ...options,
    turn: (step) => turns.take(home, step),
  });
  return { path: shown, size, sha256: hash.digest('hex'), etag };
}
