import { createHash } from 'node:crypto';
import type { FilePath, WrittenFile } from '@sandboxed/domain';
import { tooLarge } from './errors.ts';
import type { Bytes } from './place.ts';
import { placeFile } from './place.ts';
import { ensureDirectory, locate } from './walk.ts';

/**
 * Writes a whole file in one step, from memory or from a stream; parents are made. Throws `body_too_large` beyond
 * `maxBytes`, `file_conflict`, `invalid_request` for a link, `disk_full`, and what `bytes` throws.
 */
export async function writeFile(
  home: string,
  path: FilePath,
  bytes: Bytes,
  { maxBytes, mode }: { readonly maxBytes: number; readonly mode?: number },
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
  await placeFile(directory, name, shown, measured(), mode);
  return { path: shown, size, sha256: hash.digest('hex') };
}
