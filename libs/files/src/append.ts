import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import type { FilePath, WrittenFile } from '@sandboxed/domain';
import { TENANT } from './directory.ts';
import { explain, tooLarge } from './errors.ts';
import { openRegular, readBytes } from './regular-file.ts';
import { ensureDirectory, locate } from './walk.ts';

/**
 * Adds to the end of a file, which is made if it is missing; two at once lose nothing of each other. Answers size and
 * hash of the whole file, which may grow to `maxBytes`. Throws like `writeFile`.
 */
export async function appendFile(
  home: string,
  path: FilePath,
  bytes: Uint8Array,
  { maxBytes, mode }: { readonly maxBytes: number; readonly mode?: number },
): Promise<WrittenFile> {
  const { parent, name, shown } = locate(path);
  const { O_RDWR, O_CREAT, O_APPEND } = constants;
  await using directory = await ensureDirectory(home, parent);
  await using handle = await openRegular(
    directory,
    name,
    shown,
    O_RDWR | O_CREAT | O_APPEND,
  );
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
  const { size } = await handle.stat();
  const hash = createHash('sha256');
  for await (const chunk of readBytes(handle, 0, size)) hash.update(chunk);
  return { path: shown, size, sha256: hash.digest('hex') };
}
