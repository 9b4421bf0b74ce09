import { TEXT_LIMITS } from './bounds.ts';

/** A line of output; one over the limit is cut, and then not worth parsing. */
export interface Line {
  readonly text: string;
  readonly cut: boolean;
}

/** Makes lines of text in any chunking and keeps at most one line of bounded length. */
export interface LineSplitter {
  push(text: string): Line[];
  /** The last line, when nothing ended it. */
  flush(): Line[];
}

/** `limit` is the longest line in characters. */
export function createLineSplitter(
  limit: number = TEXT_LIMITS.line,
): LineSplitter {
  let parts: string[] = [];
  let length = 0;
  let cut = false;

  const keep = (text: string): void => {
    const room = limit - length;
    if (text.length > room) cut = true;
    const kept = text.slice(0, room);
    if (kept !== '') parts.push(kept);
    length += kept.length;
  };

  const flush = (): Line[] => {
    const line = { text: parts.join('').replace(/\r$/, ''), cut };
    parts = [];
    length = 0;
    cut = false;
    return line.text.trim() === '' ? [] : [line];
  };

  return {
    push(text) {
      const pieces = text.split('\n');
      const rest = pieces.pop() ?? '';
      const lines = pieces.flatMap((piece) => {
        keep(piece);
        return flush();
      });
      keep(rest);
      return lines;
    },
    flush,
  };
}
