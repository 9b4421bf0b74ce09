import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Column } from './table.ts';
import { styled, tableLines } from './table.ts';

/** A stream that may be a terminal. */
export type Sink = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** Where a command speaks: results on stdout, everything else on stderr. */
export class Output {
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Whether results are JSON. */
  readonly json: boolean;
  /** Whether colours were asked for by nobody to be left out. */
  readonly #wantsColours: boolean;

  constructor({
    stdout,
    stderr,
    json,
    wantsColours,
  }: {
    readonly stdout: Sink;
    readonly stderr: Sink;
    readonly json: boolean;
    readonly wantsColours: boolean;
  }) {
    this.stdout = stdout;
    this.stderr = stderr;
    this.json = json;
    this.#wantsColours = wantsColours;
  }

  /** Whether a person reads the results. */
  get isTerminal(): boolean {
    return this.stdout.isTTY === true && !this.json;
  }

  get colours(): boolean {
    return this.isTerminal && this.#wantsColours;
  }

  /** One JSON document: laid out for a person, on one line for a program. */
  async document(value: unknown): Promise<void> {
    const indent = this.stdout.isTTY === true ? 2 : undefined;
    await this.write(`${JSON.stringify(value, null, indent)}\n`);
  }

  /** One JSON document of many: always one line. */
  async documentLine(value: unknown): Promise<void> {
    await this.write(`${JSON.stringify(value)}\n`);
  }

  async line(text: string): Promise<void> {
    await this.write(`${text}\n`);
  }

  async table<R>(
    rows: readonly R[],
    columns: readonly Column<R>[],
  ): Promise<void> {
    const { columns: width } = this.stdout;
    const look = {
      ...{ forPeople: this.isTerminal, colours: this.colours },
      // A terminal that nobody told its size says 0.
      ...(width !== undefined && width > 0 && { width }),
    };
    for (const line of tableLines(rows, columns, look)) await this.line(line);
  }

  /** A word to the person at the terminal; programs that read JSON are told nothing. */
  note(text: string): void {
    if (!this.json) this.stderr.write(`${text}\n`);
  }

  /** Text in a style where colours are shown. */
  styled(format: Parameters<typeof styled>[0], text: string): string {
    return this.colours ? styled(format, text) : text;
  }

  /** Results as they are; returns once there is room for more. */
  write(piece: string | Uint8Array): Promise<void> {
    return written(this.stdout, piece);
  }

  /** What a command wrote on its stderr. */
  writeError(piece: string | Uint8Array): Promise<void> {
    return written(this.stderr, piece);
  }
}

async function written(sink: Sink, piece: string | Uint8Array): Promise<void> {
  if (sink.destroyed || sink.write(piece)) return;
  // A reader that went away ends the wait, too: whoever listens to the stream's error says so.
  const controller = new AbortController();
  const { signal } = controller;
  await Promise.race([
    once(sink, 'drain', { signal }),
    once(sink, 'close', { signal }),
  ])
    .catch(() => undefined)
    .finally(() => {
      controller.abort();
    });
}
