import type { FilePath } from '@sandboxed/domain';
import { openRegular, readBytes } from './regular-file.ts';
import { locate, openDirectory } from './walk.ts';

/** A file open for reading; dispose of it after the last byte. */
export interface OpenedFile extends AsyncDisposable {
  /** Bytes, when it was opened. */
  readonly size: number;
  readonly modifiedAt: Date;
  /** Quoted, as HTTP has it: another one whenever the file is replaced or written to. */
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
    const { size, mtimeNs, mtime, ino } = await handle.stat({ bigint: true });
    return {
      size: Number(size),
      modifiedAt: mtime,
      etag: `"${[ino, size, mtimeNs].map((part) => part.toString(36)).join('-')}"`,
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
