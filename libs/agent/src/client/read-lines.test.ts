import { Readable } from 'node:stream';
import { readLines } from './read-lines.ts';

async function linesOf(chunks: readonly string[], maxBytes = 100) {
  const lines: string[] = [];
  const source = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  for await (const line of readLines(source, maxBytes)) lines.push(line);
  return lines;
}

describe('lines of a stream', () => {
  it('are put together over the borders of chunks', async () => {
    expect(await linesOf(['on', 'e\ntw', 'o\n', 'three\nfour\n'])).toEqual([
      'one',
      'two',
      'three',
      'four',
    ]);
  });

  it('keep characters whole that two chunks share', async () => {
    const [head, tail] = [
      Buffer.from('ä\n').subarray(0, 1),
      Buffer.from('ä\n').subarray(1),
    ];
    const lines: string[] = [];
    for await (const line of readLines(Readable.from([head, tail]), 10))
      lines.push(line);
    expect(lines).toEqual(['ä']);
  });

  it('over the bound are refused before they are held', async () => {
    await expect(
      linesOf(['x'.repeat(60), 'x'.repeat(60)]),
    ).rejects.toMatchObject({ code: 'agent_protocol' });
  });

  it('that were cut off are an error', async () => {
    await expect(linesOf(['whole\nhal'])).rejects.toMatchObject({
      code: 'agent_unreachable',
    });
  });
});
