import type { Bytes } from '../place.ts';

/** Cuts a stream of bytes into the pieces that a format asks for, holding one chunk at a time. */
export class ByteReader implements Disposable {
  readonly #chunks: AsyncGenerator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(bytes: Bytes) {
    this.#chunks = flatten(bytes);
  }

  /** Up to `length` bytes in the chunks they came in; fewer when the stream ends. */
  async *pieces(length: number): AsyncGenerator<Uint8Array> {
    let left = length;
    while (left > 0) {
      if (this.#rest.length === 0) {
        const next = await this.#chunks.next();
        if (next.done === true) return;
        this.#rest = next.value;
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      if (piece.length > 0) yield piece;
    }
  }

  /** Up to `length` bytes as one; the caller bounds it. */
  async take(length: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.pieces(length)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** Like `take`, but the bytes stay to be read. */
  async peek(length: number): Promise<Buffer> {
    const head = await this.take(length);
    this.#rest = Buffer.concat([head, this.#rest]);
    return head;
  }

  /** Reads to the end of the stream, which may have bounds to say. */
  async skipRest(): Promise<void> {
    while ((await this.#chunks.next()).done !== true);
  }

  /** Lets go of the stream without waiting for a chunk that may never come. */
  [Symbol.dispose](): void {
    void this.#chunks.return(undefined);
  }
}

async function* flatten(bytes: Bytes): AsyncGenerator<Uint8Array> {
  yield* bytes;
}
