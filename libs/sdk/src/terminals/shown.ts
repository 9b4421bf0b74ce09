/** Bytes that wait for their reader. */
const MAX_BYTES = 1_048_576;

interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** What a terminal showed and nobody has read yet: the last 1 MiB of it. */
export class Shown {
  readonly #pieces: Piece[] = [];
  #waiting = 0;
  #lost = 0;
  #received = 0;
  #end: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** Offset of the next byte that comes. */
  get received(): number {
    return this.#received;
  }

  /** Offset of the next byte that is read. */
  get offset(): number {
    return this.#pieces[0]?.at ?? this.#received;
  }

  /** Bytes that nobody gets to read. */
  get lost(): number {
    return this.#lost;
  }

  /** From now on comes what is at this offset, where `expected` was awaited: what lies between is lost. */
  moveTo(offset: number, expected = offset): void {
    this.#lost += Math.max(0, offset - expected);
    this.#received = offset;
  }

  push(bytes: Uint8Array): void {
    this.#pieces.push({ at: this.#received, bytes });
    this.#waiting += bytes.length;
    this.#received += bytes.length;
    // A web socket cannot be held back, so the oldest goes.
    while (this.#waiting > MAX_BYTES) this.#lost += this.#take()?.length ?? 0;
    this.#wake?.();
  }

  /** Nothing more comes. A reader gets what is there first, and then the error if there is one. */
  end(end: { readonly error?: unknown }): void {
    this.#end ??= end;
    this.#wake?.();
  }

  /** What is there and what comes, each piece for one reader, to the end. */
  async *read(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const bytes = this.#take();
      if (bytes !== undefined) yield bytes;
      else if (this.#end === undefined) await this.#more();
      else if ('error' in this.#end) throw this.#end.error;
      else return;
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      const wakeOther = this.#wake;
      this.#wake = () => {
        this.#wake = undefined;
        wakeOther?.();
        resolve();
      };
    });
  }

  #take(): Uint8Array | undefined {
    const piece = this.#pieces.shift();
    this.#waiting -= piece?.bytes.length ?? 0;
    return piece?.bytes;
  }
}
