import type { Client } from './http/client.ts';
import type { CallOptions } from './http/connection.ts';
import { WITHDRAW_MS } from './http/withdrawable.ts';

/** Work under way in a sandbox, which the signal it was begun with ends there, too. */
export abstract class Work<E> implements AsyncIterable<E> {
  protected readonly client: Client;
  readonly #signal: AbortSignal | undefined;

  constructor(client: Client, signal: AbortSignal | undefined) {
    this.client = client;
    this.#signal = signal;
  }

  /** Asks it to end. Throws `ConflictError` when it is over. */
  abstract cancel(options?: CallOptions): Promise<void>;

  protected abstract events(
    options: CallOptions,
  ): AsyncGenerator<E, void, undefined>;

  /** What it tells, from its beginning to its end. To stop reading leaves it at work; to abort the signal ends it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<E, void, undefined> {
    try {
      yield* this.events(this.#options());
    } finally {
      await this.#cancelIfAborted();
    }
  }

  /** Waits for something of it. */
  protected async waited<T>(
    wait: (options: CallOptions) => Promise<T>,
  ): Promise<T> {
    try {
      return await wait(this.#options());
    } finally {
      await this.#cancelIfAborted();
    }
  }

  #options(): CallOptions {
    return this.#signal === undefined ? {} : { signal: this.#signal };
  }

  async #cancelIfAborted(): Promise<void> {
    if (this.#signal?.aborted !== true) return;
    const signal = AbortSignal.timeout(WITHDRAW_MS);
    // It may be over by now.
    await this.cancel({ signal }).catch(() => undefined);
  }
}
