/** Bytes to send, read as they are sent; `failure` is what they could not be read for, which the failed call does not tell. */
export class SentStream {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  failure: unknown;

  constructor(bytes: AsyncIterable<Uint8Array<ArrayBuffer>>) {
    const iterator = bytes[Symbol.asyncIterator]();
    this.stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: async (controller) => {
        try {
          const next = await iterator.next();
          if (next.done === true) controller.close();
          else controller.enqueue(next.value);
        } catch (error) {
          this.failure = error;
          throw error;
        }
      },
      async cancel() {
        await iterator.return?.();
      },
    });
  }

  /** Sends it; throws rather why it could not be read than that the call broke off. */
  async sent<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      throw this.failure ?? error;
    }
  }
}
