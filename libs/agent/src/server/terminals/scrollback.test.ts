import fc from 'fast-check';
import { createScrollback } from './scrollback.ts';

describe('the scrollback of a terminal', () => {
  it('has the last bytes from any offset on, and says where they begin', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 })),
        fc.nat(200),
        (pieces, after) => {
          const kept = createScrollback(50);
          for (const piece of pieces) kept.append(Buffer.from(piece));
          const all = Buffer.concat(pieces);
          const { offset, bytes } = kept.since(after);
          const first = Math.max(0, all.length - 50);
          expect(offset).toBe(Math.min(Math.max(after, first), all.length));
          expect(bytes).toEqual(all.subarray(offset));
        },
      ),
    );
  });

  it('holds no more than its bound of what was ever written', () => {
    const kept = createScrollback(1_000);
    for (let n = 0; n < 100_000; n += 1) kept.append(Buffer.from([n % 256]));
    const { offset, bytes } = kept.since(0);
    expect(offset).toBe(99_000);
    expect(bytes).toHaveLength(1_000);
  });
});
