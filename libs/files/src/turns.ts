/**
 * Has what places files in one workspace wait for each other, so that what one has looked at is still so when it acts. Holds within this
 * process; a sandbox's own processes know nothing of it.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs a step once all before it of the same home have ended. Keep it short: no step waits for a client. */
  async take<T>(home: string, step: () => Promise<T>): Promise<T> {
    const before = this.#last.get(home);
    const { promise, resolve }: PromiseWithResolvers<void> =
      Promise.withResolvers();
    this.#last.set(home, promise);
    try {
      await before;
      return await step();
    } finally {
      resolve();
      if (this.#last.get(home) === promise) this.#last.delete(home);
    }
  }
}
