import { errorOf, TimeoutError } from './errors.ts';
import { pause } from './http/backoff.ts';
import type { Client } from './http/client.ts';
import type { CallOptions } from './http/connection.ts';

export interface ReadyOptions extends CallOptions {
  /** How long to wait. Milliseconds; 60,000 unless given. */
  readonly timeoutMs?: number;
}

const READY_MS = 60_000;
const POLL_MS = 200;
/** States of a sandbox that runs or soon will. */
const RUNS: readonly string[] = ['creating', 'starting', 'running'];

/** What a sandbox serves on one of its ports. */
export class Preview {
  readonly #client: Client;
  readonly #id: string;
  readonly port: number;
  /** Where a browser finds it. A sandbox that sleeps wakes for it. */
  readonly url: string;

  constructor(client: Client, sandboxId: string, port: number, url: string) {
    this.#client = client;
    this.#id = sandboxId;
    this.port = port;
    this.url = url;
  }

  /**
   * Waits until something listens on the port. Does not wake a sandbox: throws `ConflictError` (`sandbox_not_running`) for one that
   * sleeps, which `start` wakes, as does a request to its `url`. Throws `TimeoutError`.
   */
  async ready({
    timeoutMs = READY_MS,
    ...options
  }: ReadyOptions = {}): Promise<this> {
    const until = performance.now() + timeoutMs;
    for (;;) {
      const { previews, status } = await this.#client.json(
        'get',
        '/v1/sandboxes/{id}',
        { params: { id: this.#id } },
        options,
      );
      if (previews?.[String(this.port)]?.listening === true) return this;
      if (!RUNS.includes(status))
        throw errorOf(
          `Nothing will listen on port ${String(this.port)}: the sandbox is ${status}. Start it, or open ${this.url}, which wakes it.`,
          { code: 'sandbox_not_running' },
        );
      if (performance.now() > until)
        throw new TimeoutError(
          `Nothing listens on port ${String(this.port)} after ${String(timeoutMs)} ms.`,
          { code: 'timed_out', retryable: true },
        );
      await pause(POLL_MS, options.signal);
    }
  }

  /** A link that opens the preview of a private sandbox in a browser, for an hour unless told otherwise. */
  async link({
    expiresInSeconds,
    ...options
  }: CallOptions & { readonly expiresInSeconds?: number } = {}): Promise<{
    readonly url: string;
    readonly expiresAt: string;
  }> {
    const { url, expires_at } = await this.#client.json(
      'post',
      '/v1/sandboxes/{id}/preview-links',
      {
        params: { id: this.#id },
        body: {
          port: this.port,
          ...(expiresInSeconds !== undefined && {
            expires_in: expiresInSeconds,
          }),
        },
      },
      options,
    );
    return { url, expiresAt: expires_at };
  }
}
