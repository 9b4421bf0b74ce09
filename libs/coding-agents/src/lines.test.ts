import fc from 'fast-check';
import { createLineSplitter } from './lines.ts';

describe('lines', () => {
  it('are those of the text, in any chunking', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'bc', '\n', '\r\n', ' ', '{"x":1}')),
        (chunks) => {
          const splitter = createLineSplitter();
          const lines = [
            ...chunks.flatMap((chunk) => splitter.push(chunk)),
            ...splitter.flush(),
          ];
          expect(lines.map(({ text }) => text)).toEqual(
            chunks
              .join('')
              .split('\n')
              .map((line) => line.replace(/\r$/, ''))
              .filter((line) => line.trim() !== ''),
          );
        },
      ),
    );
  });

  it('over the limit are cut, and the next is whole again', () => {
    const splitter = createLineSplitter(4);
    expect([
      ...splitter.push('abc'),
      ...splitter.push('def'),
      ...splitter.push('g\nhij\n'),
    ]).toEqual([
      { text: 'abcd', cut: true },
      { text: 'hij', cut: false },
    ]);
  });
});
