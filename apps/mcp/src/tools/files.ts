import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { Files, SandboxedError } from '@sandboxed/sdk';
import { z } from 'zod';
import { answered } from '../answered.ts';
import type { Host } from '../host.ts';
import { MAX_TEXT } from '../output-collector.ts';
import { MAX_SENT, sandboxId } from './inputs.ts';

/** Of a file that is no text; in base64 it is a third more. Bytes. */
const MAX_BINARY_BYTES = (MAX_TEXT / 4) * 3;
const MAX_LISTED = 500;

const path = z
  .string()
  .max(4_096)
  .describe('Relative to the app directory (~/workspace/app).');
const encoding = z.enum(['utf8', 'base64']);

/** Tools that read and write files, also while the sandbox sleeps. */
export function addFileTools(server: McpServer, { client }: Host): void {
  server.registerTool(
    'read_file',
    {
      title: 'Read a file',
      description: `Reads a file, at most ${MAX_TEXT} bytes a call: go on at next_offset. What is no UTF-8 comes as base64.`,
      inputSchema: z.object({
        sandbox_id: sandboxId,
        path: path.min(1),
        offset: z
          .int()
          .min(0)
          .default(0)
          .describe('The first byte that is read.'),
      }),
      outputSchema: z.object({
        content: z.string(),
        encoding,
        size: z.number().describe('Bytes of the whole file.'),
        next_offset: z
          .number()
          .optional()
          .describe('There is more, from here on.'),
      }),
      annotations: { readOnlyHint: true },
    },
    ({ sandbox_id, path, offset }, { signal }) =>
      answered(() => read(client, { id: sandbox_id, path, offset }, signal)),
  );

  server.registerTool(
    'write_file',
    {
      title: 'Write a file',
      description: `Writes a file in one step, with the directories above it; one that is there is replaced. At most ${MAX_SENT} characters. Small binary files as base64.`,
      inputSchema: z.object({
        sandbox_id: sandboxId,
        path: path.min(1),
        content: z.string().max(MAX_SENT),
        encoding: encoding.default('utf8').describe('How content is written.'),
      }),
      outputSchema: z.object({ path: z.string(), size: z.number() }),
      annotations: { destructiveHint: true, idempotentHint: true },
    },
    ({ sandbox_id, path, content, encoding }, { signal }) =>
      answered(async () => {
        const { size } = await new Files(client, sandbox_id).write(
          path,
          new Uint8Array(Buffer.from(content, encoding)),
          { signal },
        );
        return { path, size };
      }),
  );

  server.registerTool(
    'list_files',
    {
      title: 'List files',
      description: `What is in a directory; at most ${MAX_LISTED} entries.`,
      inputSchema: z.object({
        sandbox_id: sandboxId,
        path: path.default('').describe('The app directory unless given.'),
        recursive: z.boolean().default(false),
      }),
      outputSchema: z.object({
        entries: z.array(
          z.object({
            path: z.string(),
            type: z.enum(['file', 'directory', 'link', 'other']),
            size: z.number(),
          }),
        ),
        truncated: z.boolean(),
      }),
      annotations: { readOnlyHint: true },
    },
    ({ sandbox_id, path, recursive }, { signal }) =>
      answered(async () => {
        const { entries, truncated } = await new Files(client, sandbox_id).list(
          path,
          { recursive, signal },
        );
        return {
          entries: entries
            .slice(0, MAX_LISTED)
            .map(({ path, type, size }) => ({ path, type, size })),
          truncated: truncated || entries.length > MAX_LISTED,
        };
      }),
  );

  server.registerTool(
    'remove_file',
    {
      title: 'Remove a file',
      description: 'Removes a file or link, or a directory with all in it.',
      inputSchema: z.object({ sandbox_id: sandboxId, path: path.min(1) }),
      outputSchema: z.object({ path: z.string() }),
      annotations: { destructiveHint: true },
    },
    ({ sandbox_id, path }, { signal }) =>
      answered(async () => {
        const files = new Files(client, sandbox_id);
        await files.remove(path, { recursive: true, signal });
        return { path };
      }),
  );
}

interface Place {
  readonly id: string;
  readonly path: string;
  readonly offset: number;
}

async function read(
  client: Host['client'],
  place: Place,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const { offset } = place;
  const range = await rangeOf(client, place, signal);
  // No range of it can be asked for, not even from its beginning.
  if (range === undefined) return { content: '', encoding: 'utf8', size: 0 };
  const { bytes, size } = range;
  const isLast = offset + bytes.length >= size;
  const text = textOf(bytes, isLast);
  const used =
    text === undefined
      ? bytes.subarray(0, MAX_BINARY_BYTES)
      : bytes.subarray(0, Buffer.byteLength(text));
  const next = offset + used.length;
  return {
    content: text ?? used.toString('base64'),
    encoding: text === undefined ? 'base64' : 'utf8',
    size,
    ...(next < size && { next_offset: next }),
  };
}

/** Undefined for an empty file. */
async function rangeOf(
  client: Host['client'],
  { id, path, offset }: Place,
  signal: AbortSignal,
): Promise<{ readonly bytes: Buffer; readonly size: number } | undefined> {
  try {
    return await client.raw(
      {
        method: 'get',
        path: '/v1/sandboxes/{id}/files/content',
        params: { id },
        query: { path },
        headers: { range: `bytes=${offset}-${offset + MAX_TEXT - 1}` },
        signal,
      },
      async (response) => {
        const bytes = Buffer.from(await response.arrayBuffer());
        return { bytes, size: sizeOf(response) ?? bytes.length };
      },
    );
  } catch (error) {
    const isEmpty =
      offset === 0 &&
      error instanceof SandboxedError &&
      error.code === 'range_not_satisfiable';
    if (isEmpty) return undefined;
    throw error;
  }
}

/** Of the whole file, by the answer to a range. */
function sizeOf(response: Response): number | undefined {
  const total = response.headers.get('content-range')?.split('/')[1];
  return total === undefined ? undefined : Number(total);
}

/** The bytes as text; undefined if they are none. A character that the range cuts is left for the next one. */
function textOf(bytes: Uint8Array, isLast: boolean): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      bytes,
      { stream: !isLast },
    );
  } catch {
    return undefined;
  }
}
