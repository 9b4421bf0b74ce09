import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { FilePath, WrittenFile } from '@sandboxed/domain';
import { TENANT } from './directory.ts';
import { explain, tooLarge } from './errors.ts';
import { etagOf } from './etag.ts';
import { openRegular, readBytes } from './regular-file.ts';
import { ensureDirectory, locate } from './walk.ts';
import type { WriteOptions } from './write.ts';

/**
 * Adds to the end of a file, which is made if it is missing; two at once lose nothing of each other. Answers size and
 * hash of the whole file, which may grow to `maxBytes`. Throws like `writeFile`.
 */
export async function appendFile(
  home: string,
  path: FilePath,
  bytes: Uint8Array,
  { maxBytes, mode, turns }: WriteOptions,
): Promise<WrittenFile> {
  const { parent, name, shown } = locate(path);
  const { O_RDWR, O_CREAT, O_APPEND } = constants;
  await using directory = await ensureDirectory(home, parent);
  // In one turn with others: what was opened is still the file of this name when it is written to.
  await using handle = await turns.take(home, async () => {
    const opened = await openRegular(
      directory,
      name,
      shown,
      O_RDWR | O_CREAT | O_APPEND,
    );
    try {
      await add(opened, shown, bytes, { maxBytes, mode });
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  });
  const stats = await handle.stat({ bigint: true });
  const size = Number(stats.size);
  const hash = createHash('sha256');
  for await (const chunk of readBytes(handle, 0, size)) hash.update(chunk);
  return {
    path: shown,
    size,
    sha256: hash.digest('hex'),
    etag: etagOf(stats),
  };
}

async function add(
  handle: FileHandle,
  shown: string,
  bytes: Uint8Array,
  {
    maxBytes,
    mode,
  }: { readonly maxBytes: number; readonly mode: number | undefined },
): Promise<void> {
  const before = await handle.stat();
  if (before.size + bytes.length > maxBytes)
    throw tooLarge('The file with what is appended', maxBytes);
  const isNew = before.uid !== TENANT;
  if (mode !== undefined || isNew) await handle.chmod(mode ?? 0o644);
  if (isNew) await handle.chown(TENANT, TENANT);
  try {
    await handle.writeFile(bytes);
  } catch (error) {
    await handle.truncate(before.size);
    throw explain(error, shown);
  }
}
