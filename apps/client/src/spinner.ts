import type { Output } from './output.ts';
import { printable } from './printable.ts';
import { terminalSize } from './terminal-size.ts';

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const FRAME_MS = 100;
const CLEAR = '\r\x1b[2K';
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';

/** A line at the foot of a terminal that says what is waited for. Where nobody looks it says nothing. */
export class Spinner {
  readonly #output: Output;
  readonly #startedAt: number;
  #text: string;
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: Output, text: string) {
    this.#output = output;
    this.#text = text;
    this.#startedAt = performance.now();
    if (!output.isTerminal || output.stderr.isTTY !== true) return;
    output.stderr.write(HIDE_CURSOR);
    this.#draw();
    this.#timer = setInterval(() => {
      this.#frame += 1;
      this.#draw();
    }, FRAME_MS);
  }

  /** What is waited for now. */
  say(text: string): void {
    this.#text = text;
    this.#draw();
  }

  /** Prints lines above. */
  async above(print: () => Promise<void>): Promise<void> {
    if (this.#timer !== undefined) this.#output.stderr.write(CLEAR);
    await print();
    this.#draw();
  }

  /** Takes the line away. */
  end(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#output.stderr.write(`${CLEAR}${SHOW_CURSOR}`);
  }

  #draw(): void {
    if (this.#timer === undefined) return;
    const { stderr } = this.#output;
    const seconds = Math.floor((performance.now() - this.#startedAt) / 1_000);
    const frame = FRAMES[this.#frame % FRAMES.length] ?? '';
    const line = `${frame} ${printable(this.#text)} (${seconds} s)`;
    // A line that wraps would not be cleared as a whole.
    stderr.write(CLEAR + line.slice(0, terminalSize(stderr).cols - 1));
  }
}

/** Waits for something with a spinner that says what it is. */
export async function withSpinner<T>(
  output: Output,
  text: string,
  work: (spinner: Spinner) => Promise<T>,
): Promise<T> {
  const spinner = new Spinner(output, text);
  try {
    return await work(spinner);
  } finally {
    spinner.end();
  }
}
