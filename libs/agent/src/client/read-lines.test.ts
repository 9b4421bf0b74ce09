import fc from 'fast-check';
import { Readable } from 'node:stream';
import { AgentError } from '../errors.ts';
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

  it('are those of the bytes, however they are cut, and none is held beyond the bound', async () => {
    const chunk = fc.oneof(
      fc.uint8Array({ maxLength: 12 }).map((raw) => Buffer.from(raw)),
      fc
        .constantFrom('\n', 'a\n', '\n\n', 'äö', '\r\n')
        .map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 20 }), async (chunks) => {
        const whole = Buffer.concat(chunks);
        const read = async (parts: readonly Buffer[]) => {
          const lines: string[] = [];
          let code: unknown;
          try {
            for await (const line of readLines(Readable.from(parts), 20))
              lines.push(line);
          } catch (error) {
            code = error instanceof AgentError ? error.code : error;
          }
          return { lines, code };
        };
        const got = await read(chunks);
        expect(got).toEqual(await read([whole]));
        const expected = whole.toString('latin1').split('\n');
        const tooLong = expected.findIndex((line) => line.length > 20);
        const good =
          tooLong === -1 ? expected.slice(0, -1) : expected.slice(0, tooLong);
        expect(got.lines).toEqual(
          good.map((line) => Buffer.from(line, 'latin1').toString('utf8')),
        );
        expect(got.code).toBe(
          tooLong !== -1
            ? 'agent_protocol'
            : expected.at(-1) === ''
              ? undefined
              : 'agent_unreachable',
        );
      }),
    );
  });
});
