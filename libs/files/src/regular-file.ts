import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { Directory, Name } from './directory.ts';
import { conflict, explain } from './errors.ts';

const CHUNK_BYTES = 65_536;

/**
 * Opens a file of a directory, never through a link, and never anything but a regular file: pipes and devices could
 * block or have effects. The caller closes it. Throws `file_not_found`, `file_conflict`, `invalid_request`.
 */
export async function openRegular(
  directory: Directory,
  name: Name,
  shown: string,
  flags: number = constants.O_RDONLY,
): Promise<FileHandle> {
  const { O_NOFOLLOW, O_NONBLOCK } = constants;
  let handle: FileHandle;
  try {
    handle = await open(
      directory.at(name),
      flags | O_NOFOLLOW | O_NONBLOCK,
      0o600,
    );
  } catch (error) {
    throw explain(error, shown);
  }
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) throw conflict(shown, 'is a directory');
    if (!stats.isFile())
      throw conflict(shown, 'is neither a file nor a directory');
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Bytes `from` on, at most `length` of them; fewer when the file ends before. */
export async function* readBytes(
  handle: FileHandle,
  from: number,
  length: number,
): AsyncGenerator<Buffer> {
  let position = from;
  const end = from + length;
  while (position < end) {
    const size = Math.min(CHUNK_BYTES, end - position);
    const { bytesRead, buffer } = await handle.read(
      Buffer.allocUnsafe(size),
      0,
      size,
      position,
    );
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
