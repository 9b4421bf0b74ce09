import { LimitError } from '../errors.ts';
import { pause } from '../http/backoff.ts';
import type { WebSocketLike } from '../http/web-socket.ts';

/** What waits to be typed, above which no more is taken. Bytes. */
const MAX_BYTES = 1_048_576;
/** Of one frame; the API takes 64 KiB. */
const FRAME_BYTES = 32_768;
/** What a web socket holds before it is given more: it does not say when it has room, so it is asked. */
const HELD_BYTES = 131_072;
const ASK_MS = 20;

interface Waiting {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How much of it was handed over. */
  sent: number;
  readonly done: () => void;
  readonly fail: (error: Error) => void;
}

/** What is typed, in order, until a connection takes it. Each byte is handed over once. */
export class Typed {
  readonly #queue: Waiting[] = [];
  #bytes = 0;
  #refusal: Error | undefined;

  /** Resolves once a connection took all of it. Throws `LimitError` when 1 MiB waits already. */
  add(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    if (this.#bytes >= MAX_BYTES)
      return Promise.reject(
        new LimitError(
          'More is typed than the terminal takes: wait for what was written before.',
          { code: 'too_much_typed', retryable: true },
        ),
      );
    this.#bytes += bytes.length;
    return new Promise((done, fail) => {
      this.#queue.push({ bytes, sent: 0, done, fail });
    });
  }

  /** Hands what waits over to a socket for as long as it is open. */
  async giveTo(socket: WebSocketLike): Promise<void> {
    while (socket.readyState === 1) {
      const [first] = this.#queue;
      if (first === undefined) return;
      if (socket.bufferedAmount > HELD_BYTES) {
        await pause(ASK_MS);
        continue;
      }
      const piece = first.bytes.subarray(first.sent, first.sent + FRAME_BYTES);
      if (piece.length > 0) socket.send(piece);
      first.sent += piece.length;
      this.#bytes -= piece.length;
      if (first.sent < first.bytes.length) continue;
      this.#queue.shift();
      first.done();
    }
  }

  /** Nothing is taken any more, and what waits is not typed. */
  refuse(error: Error): void {
    this.#refusal = error;
    for (const { fail } of this.#queue.splice(0)) fail(error);
  }
}
