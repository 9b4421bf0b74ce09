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
      const version = response.headers.get('etag') ?? '';
      return { text: textOf(await bytesOf(response)), version };
    },
  );
}

/** Reads no more than may be edited, whatever the answer says of its length. Throws `LimitError`. */
async function bytesOf({ body }: Response): Promise<Uint8Array> {
  const all = new Uint8Array(MOST_BYTES);
  let size = 0;
  const reader = body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) return all.subarray(0, size);
    if (size + value.length > MOST_BYTES) {
      await reader?.cancel();
      throw new LimitError(
        'This file is too large to be edited here. Download it instead.',
        { code: 'too_large' },
      );
    }
    all.set(value, size);
    size += value.length;
  }
}

function textOf(bytes: Uint8Array): string | undefined {
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
