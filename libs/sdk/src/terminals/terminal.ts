import type { TerminalEnd, TerminalSize } from './options.ts';
import type { Session } from './session.ts';

/**
 * A terminal in a sandbox: `for await (const bytes of terminal)` reads what it shows, as bytes, since letters may come in two pieces.
 * A connection that breaks is taken up again by itself; `await using` ends it at the end of the block.
 *
 * Of what was shown and not read yet, 1 MiB is kept, of what was shown while the connection was away, 256 KiB: the oldest goes, and is
 * counted in {@link lostBytes}.
 */
export class Terminal implements AsyncIterable<Uint8Array>, AsyncDisposable {
  readonly #session: Session;
  /** Names it for {@link Terminals.attach}. */
  readonly id: string;
  /** Resolves with how it ended. Throws what is told of a sandbox that stops, a key that is over, or a connection that cannot be mended. */
  readonly exited: Promise<TerminalEnd>;

  /** Made by {@link Terminals}. */
  constructor(session: Session, id: string) {
    this.#session = session;
    this.id = id;
    this.exited = session.ended;
  }

  /** Of the next byte that is read: `after` for who attaches to go on there. */
  get offset(): number {
    return this.#session.shown.offset;
  }

  /** Bytes that were shown and cannot be read any more, so far. */
  get lostBytes(): number {
    return this.#session.shown.lost;
  }

  /**
   * What it shows, each piece for one reader. Ends with the terminal; throws what {@link exited} throws. To stop reading leaves it
   * running.
   */
  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    return this.#session.shown.read();
  }

  /**
   * Types. Resolves once a connection took it, which it does not while it is away. Nothing is typed twice; what a connection took as it
   * broke may be lost. Throws `LimitError` when 1 MiB waits to be taken already, `NotFoundError` when the terminal is over.
   */
  write(data: string | Uint8Array): Promise<void> {
    // A copy: the caller may use the bytes again.
    return this.#session.type(
      typeof data === 'string'
        ? new TextEncoder().encode(data)
        : new Uint8Array(data),
    );
  }

  /** Tells the program of another size; at once, or when the connection is there again. */
  resize(size: TerminalSize): void {
    this.#session.resize(size);
  }

  /** Ends the program, by a hang-up. Resolves once it was told, after 10 s at most: one that cannot be told ends 5 minutes later. */
  close(): Promise<void> {
    return this.#session.end('closed');
  }

  /** Leaves the program running, for 5 minutes unless somebody attaches. */
  detach(): Promise<void> {
    return this.#session.end('detached');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
