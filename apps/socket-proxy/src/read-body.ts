import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { Refusal } from './call.ts';

/** Longest body of a call, in bytes: that of a new container is about five thousand. */
export const MAX_BODY_BYTES = 262_144;

/** The whole body as JSON; undefined when there is none. Throws {@link Refusal} for one that is too long or no JSON. */
export async function readBody(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    const part = z.instanceof(Buffer).parse(chunk);
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES)
      throw new Refusal(
        `The body of a call may have ${MAX_BODY_BYTES} bytes.`,
        413,
      );
    chunks.push(part);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    throw new Refusal('The body of this call is not JSON.', 400);
  }
}
