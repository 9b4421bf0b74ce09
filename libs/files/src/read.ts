import type { FilePath } from '@sandboxed/domain';
import { etagOf } from './etag.ts';
import { openRegular, readBytes } from './regular-file.ts';
import { locate, openDirectory } from './walk.ts';

/** A file open for reading; dispose of it after the last byte. */
export interface OpenedFile extends AsyncDisposable {
  /** Bytes, when it was opened. */
  readonly size: number;
  readonly modifiedAt: Date;
  /** What its content is known by, see {@link etagOf}. */
  readonly etag: string;
  /** `length` bytes `from` on. Throws when the file became shorter meanwhile. */
  bytes(from: number, length: number): AsyncGenerator<Buffer>;
}

/** Opens a regular file. Throws `file_not_found`, `file_conflict`, `invalid_request` for a link. */
export async function openFile(
  home: string,
  path: FilePath,
): Promise<OpenedFile> {
  const { parent, name, shown } = locate(path);
  await using directory = await openDirectory(home, parent);
  const handle = await openRegular(directory, name, shown);
  try {
    const stats = await handle.stat({ bigint: true });
    return {
      size: Number(stats.size),
      modifiedAt: stats.mtime,
      etag: etagOf(stats),
      async *bytes(from, length) {
        let sent = 0;
        for await (const chunk of readBytes(handle, from, length)) {
          sent += chunk.length;
          yield chunk;
        }
        if (sent < length)
          throw new Error(`${shown} became shorter while it was read`);
      },
      [Symbol.asyncDispose]: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
