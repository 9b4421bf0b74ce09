import { z } from 'zod';
import { clip, TEXT_LIMITS } from './bounds.ts';

const text = z.string().optional().catch(undefined);
const inputSchema = z
  .object({
    ...{ command: text, cmd: text, pattern: text, query: text, url: text },
    ...{ description: text, prompt: text },
    ...{ filePath: text, file_path: text, notebook_path: text, path: text },
  })
  .catch({});

/** What the input of a tool tells a reader, bounded: what it does, and the file it is about. */
export function describeInput(input: unknown): {
  title?: string;
  path?: string;
} {
  const known = inputSchema.parse(input);
  const title =
    known.command ??
    known.cmd ??
    known.pattern ??
    known.query ??
    known.url ??
    known.description ??
    known.prompt;
  const path =
    known.filePath ?? known.file_path ?? known.notebook_path ?? known.path;
  return {
    ...(title !== undefined && { title: clip(title, 2 * TEXT_LIMITS.title) }),
    ...(path !== undefined && { path: clip(path, TEXT_LIMITS.path) }),
  };
}

/** A number that differs for different calls of tools, as good as always; calls can be megabytes long and are not kept. */
export function fingerprint(name: string, input: unknown): number {
  const call = `${name} ${JSON.stringify(input)}`;
  let low = 0x9e3779b9;
  let high = 0x85ebca6b;
  for (let index = 0; index < call.length; index += 1) {
    const code = call.charCodeAt(index);
    low = Math.imul(low ^ code, 0x85ebca77);
    high = Math.imul(high ^ code, 0xc2b2ae3d);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
