import { Readable } from 'node:stream';
import { ndjson } from './ndjson.ts';

async function read(
  chunks: readonly string[],
  limit = 100,
): Promise<unknown[]> {
  const stream = Readable.from(
    chunks.map((chunk) => Buffer.from(chunk)),
    {
      objectMode: false,
    },
  );
  const found: unknown[] = [];
  for await (const value of ndjson(stream, limit)) found.push(value);
  return found;
}

test.each([
  ['one a line', ['{"a":1}\n{"a":2}\n'], [{ a: 1 }, { a: 2 }]],
  ['cut anywhere', ['{"a"', ':1}\n{"', 'a":2}\n'], [{ a: 1 }, { a: 2 }]],
  ['with empty lines', ['\r\n{"a":1}\r\n\n'], [{ a: 1 }]],
  ['without a last line feed', ['{"a":1}'], [{ a: 1 }]],
])('reads objects %s', async (_case, chunks, expected) => {
  expect(await read(chunks)).toEqual(expected);
});

test('a line that never ends is an error', async () => {
  await expect(read(['x'.repeat(60), 'x'.repeat(60)])).rejects.toThrow(
    'longer than 100',
  );
});
