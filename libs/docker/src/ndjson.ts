import type { Readable } from 'node:stream';
import { z } from 'zod';

/**
 * Lines of a stream of JSON objects, parsed. A line longer than `maxLength` characters ends the stream with an
 * error, so that nobody fills our memory. Leaving the loop destroys the stream.
 */
export async function* ndjson(
  stream: Readable,
  maxLength: number,
): AsyncGenerator {
  stream.setEncoding('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + z.string().parse(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines)
      if (line.trim() !== '') yield JSON.parse(line) as unknown;
    if (rest.length > maxLength)
      throw new Error(`a line is longer than ${String(maxLength)} characters`);
  }
  if (rest.trim() !== '') yield JSON.parse(rest) as unknown;
}
