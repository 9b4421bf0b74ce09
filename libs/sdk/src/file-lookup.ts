import {
  InvalidRequestError,
  NotFoundError,
  SandboxedError,
} from './errors.ts';
import type { FileEntry, Files } from './files.ts';
import type { Client } from './http/client.ts';
import type { CallOptions } from './http/connection.ts';

/** What the directory above a path tells of it. */
export interface Look {
  readonly entry: FileEntry | undefined;
  /** It is not among its entries, of which one answer did not hold all. */
  readonly isMore: boolean;
}

/** Looks for an entry in the directory above it. Throws `InvalidRequestError` for a path that leads out of the app directory. */
export async function lookUp(
  files: Files,
  path: string,
  options: CallOptions,
): Promise<Look> {
  const wanted = plain(path);
  const above = wanted.split('/').slice(0, -1).join('/');
  try {
    const { entries, truncated } = await files.list(above, options);
    const entry = entries.find((each) => each.path === wanted);
    return { entry, isMore: truncated && entry === undefined };
  } catch (error) {
    if (error instanceof NotFoundError && error.code === 'file_not_found')
      return { entry: undefined, isMore: false };
    throw error;
  }
}

/** Asks for the first byte of what may be there, in a directory that is. */
export async function isThere(
  client: Client,
  sandboxId: string,
  path: string,
  options: CallOptions,
): Promise<boolean> {
  try {
    await client.raw(
      {
        method: 'get',
        path: '/v1/sandboxes/{id}/files/content',
        params: { id: sandboxId },
        query: { path: plain(path) },
        headers: { range: 'bytes=0-0' },
        ...options,
      },
      async (response) => response.body?.cancel(),
    );
    return true;
  } catch (error) {
    if (!(error instanceof SandboxedError)) throw error;
    if (error.code === 'file_not_found') return false;
    if (isOtherwiseThere(error)) return true;
    throw error;
  }
}

/** Whether it is a directory, an empty file or a link that is refused to be read; a path that is wrong has its fault named. */
function isOtherwiseThere({ code, fields }: SandboxedError): boolean {
  return (
    code === 'file_conflict' ||
    code === 'range_not_satisfiable' ||
    (code === 'invalid_request' && fields.length === 0)
  );
}

/** A path as listings have it: `./src/` is `src`. */
function plain(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length > 0 && !path.startsWith('/') && !parts.includes('..'))
    return parts.join('/');
  throw new InvalidRequestError(
    `"${path}" names nothing below the app directory.`,
    { code: 'invalid_request' },
  );
}
