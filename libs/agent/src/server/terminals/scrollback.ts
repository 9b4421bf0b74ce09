/** The last output of a terminal, by offsets that count from its first byte. */
export type Scrollback = {
  readonly append: (bytes: Buffer) => void;
  /** What is kept from `after` on, and the offset of its first byte: later than `after` when that was dropped. */
  readonly since: (after: number) => {
    readonly offset: number;
    readonly bytes: Buffer;
  };
};

/** Keeps at most `maxBytes`, and the piece at its beginning whole up to that. */
export function createScrollback(maxBytes: number): Scrollback {
  let pieces: Buffer[] = [];
  let kept = 0;
  let end = 0;
  return {
    append(bytes) {
      // A copy: the piece may be a small part of a large buffer.
      pieces.push(Buffer.from(bytes));
      kept += bytes.length;
      end += bytes.length;
      // Twice the bound before it is cut, so that not every byte costs a copy of all.
      if (kept <= 2 * maxBytes && pieces.length < 1_024) return;
      const last = Buffer.concat(pieces);
      pieces = [Buffer.from(last.subarray(-maxBytes))];
      kept = Math.min(kept, maxBytes);
    },
    since(after) {
      const all = Buffer.concat(pieces).subarray(-maxBytes);
      const first = end - all.length;
      const offset = Math.min(Math.max(after, first), end);
      return { offset, bytes: all.subarray(offset - first) };
    },
  };
}
