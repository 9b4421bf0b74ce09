import type { Client } from '@sandboxed/sdk';
import { LimitError } from '@sandboxed/sdk';

/** Larger files are no work for a text field. Bytes. */
const MOST_BYTES = 1_048_576;

/** A file as it was when it was read. */
export interface TextFile {
  /** Undefined for what is no text. */
  readonly text: string | undefined;
  /** What the file's content is known by. */
  readonly version: string;
}

/** Reads a file to be edited. Throws `LimitError` for one that is too large. */
export function readTextFile(
  client: Client,
  id: string,
  path: string,
  signal: AbortSignal,
): Promise<TextFile> {
  return client.raw(
    {
      method: 'get',
      path: '/v1/sandboxes/{id}/files/content',
      params: { id },
      query: { path },
      signal,
    },
    async (response) => {
      const bytes = Number(response.headers.get('content-length') ?? '0');
      if (bytes > MOST_BYTES) {
        await response.body?.cancel();
        throw new LimitError(
          'This file is too large to be edited here. Download it instead.',
          { code: 'too_large' },
        );
      }
      const version = response.headers.get('etag') ?? '';
      return { text: textOf(await response.arrayBuffer()), version };
    },
  );
}

function textOf(bytes: ArrayBuffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', {
      fatal: true,
      ignoreBOM: true,
    }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
