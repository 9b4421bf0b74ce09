import fc from 'fast-check';
import { outputFrameSchema } from '../protocol.ts';
import { encodeFrame } from './frame.ts';

describe('a frame of output', () => {
  it.each(['plain', 'line\nline\n', 'grüße 🎉', '\u0000\u001b[31m', '"\\'])(
    'carries %j unchanged in one line',
    (text) => {
      const line = encodeFrame({ stream: 'stdout', text, start: 0 }).toString();
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(outputFrameSchema.parse(JSON.parse(line))).toMatchObject({ text });
    },
  );

  it.each([0, 99, 12_345_678_901])(
    'that begins at %d says where it ends',
    (start) => {
      const bytes = encodeFrame({ stream: 'stderr', text: 'ä', start });
      expect(JSON.parse(bytes.toString())).toMatchObject({
        stream: 'stderr',
        offset: start + bytes.length,
      });
    },
  );

  it('of the largest chunk of a pipe fits a line even when every byte is escaped', () => {
    const text = '\u0000'.repeat(64 * 1024);
    expect(
      encodeFrame({ stream: 'stdout', text, start: 0 }).length,
    ).toBeLessThan(1024 * 1024);
  });

  it('carries any text in one line and says where it ends', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes)),
        fc.nat(2 ** 42),
        (text, start) => {
          const line = encodeFrame({ stream: 'stdout', text, start });
          expect(line.indexOf(0x0a)).toBe(line.length - 1);
          expect(outputFrameSchema.parse(JSON.parse(line.toString()))).toEqual({
            type: 'output',
            stream: 'stdout',
            text,
            offset: start + line.length,
          });
        },
      ),
    );
  });
});
