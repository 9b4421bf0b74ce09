import { ConnectionError, SandboxedError } from '../errors.ts';
import { backoffMs, pause } from './backoff.ts';

/** What held for longer broke off by chance: the pauses begin anew. Milliseconds. */
const STEADY_MS = 10_000;

/** For how long something that breaks off is taken up again, and the pauses between. */
export class Patience {
  readonly #what: string;
  readonly #limitMs: number;
  #attempt = 0;
  #failingSince: number | undefined;
  #openedAt = performance.now();

  /** `what` is named in the error at its end, as in "The terminal". */
  constructor(what: string, limitMs: number) {
    this.#what = what;
    this.#limitMs = limitMs;
  }

  /** A try begins. */
  begin(): void {
    this.#openedAt = performance.now();
  }

  /** Something was heard: whatever failed before is over. */
  sign(): void {
    this.#failingSince = undefined;
  }

  /** Something new came: it is worth a quick try. */
  progress(): void {
    this.sign();
    this.#attempt = 0;
  }

  /**
   * Waits before the next try. `cause` is why the last one failed; undefined when it only ended. Throws `ConnectionError`, or what the
   * API said last, once it failed for as long as there is patience.
   */
  async pause(cause: unknown, signal: AbortSignal | undefined): Promise<void> {
    const now = performance.now();
    if (cause !== undefined) {
      this.#failingSince ??= now;
      if (now - this.#failingSince >= this.#limitMs) throw this.#givenUp(cause);
    }
    this.#attempt = now - this.#openedAt > STEADY_MS ? 1 : this.#attempt + 1;
    const after =
      cause instanceof SandboxedError ? cause.retryAfterSeconds : undefined;
    const waitMs = backoffMs(this.#attempt, after, Math.random());
    if (waitMs === undefined) throw cause;
    await pause(waitMs, signal);
  }

  /** What the API said last, if anything. */
  #givenUp(cause: unknown): SandboxedError {
    if (cause instanceof SandboxedError && !(cause instanceof ConnectionError))
      return cause;
    return new ConnectionError(
      `${this.#what} broke off and could not be taken up.`,
      { code: 'connection_failed', retryable: true },
      { cause },
    );
  }
}
