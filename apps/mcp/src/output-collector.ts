/** What one call answers of text at most. Characters. */
export const MAX_TEXT = 65_536;

/** Text that was cut to what a model can take, and whether it was. */
interface BoundedText {
  readonly text: string;
  readonly truncated: boolean;
}

/** Keeps the beginning and the end of what a program writes, however much that is. */
export interface OutputCollector {
  add(text: string): void;
  /** What was kept, with a note where something is missing. */
  read(): BoundedText;
}

/**
 * Keeps at most `maxCharacters`: a quarter of them from the beginning, where it says what it does, the rest from the end, where it
 * says what went wrong.
 */
export function createOutputCollector(maxCharacters: number): OutputCollector {
  const headSize = Math.floor(maxCharacters / 4);
  const tailSize = maxCharacters - headSize;
  let head = '';
  let tail = '';
  let leftOut = 0;
  return {
    add(text) {
      const taken = text.slice(0, headSize - head.length);
      head += taken;
      tail += text.slice(taken.length);
      if (tail.length <= tailSize) return;
      leftOut += tail.length - tailSize;
      tail = tail.slice(-tailSize);
    },
    read: () =>
      leftOut === 0
        ? { text: head + tail, truncated: false }
        : {
            text: `${head}\n[… ${leftOut} characters left out here …]\n${tail}`,
            truncated: true,
          },
  };
}

/** The text as an {@link OutputCollector} keeps it. */
export function boundedText(text: string, maxCharacters = MAX_TEXT): string {
  const collector = createOutputCollector(maxCharacters);
  collector.add(text);
  return collector.read().text;
}
