/** Breaks off what nothing is heard of for too long. */
export class Silence {
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  /** Aborted, with what was waited for in vain, when it took too long. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** A sign of life: from now on the next one may take so many milliseconds. */
  bear(limitMs: number): void {
    clearTimeout(this.#timer);
    if (this.#isOver) return;
    this.#timer = setTimeout(() => {
      this.#controller.abort(
        new Error(`nothing was heard for ${String(limitMs)} ms`),
      );
    }, limitMs);
  }

  /** Nobody listens any more. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }
}
