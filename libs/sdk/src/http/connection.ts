/** How an installation is reached. */
export interface Connection {
  /** Such as `http://127.0.0.1:9090`. */
  readonly baseUrl: string;
  /** A token of the installation or an API key; an open installation needs none. */
  readonly token?: string;
  /** What makes requests; the runtime's own unless given. */
  readonly fetch?: typeof globalThis.fetch;
  /** How often a call is tried again after 429, 503 or a broken connection. 5 unless given. */
  readonly maxRetries?: number;
  /** The longest time without an answer, or without a sign of life on a stream. Milliseconds; 60,000 unless given. */
  readonly silenceMs?: number;
}

/** What every call takes besides its own options. */
export interface CallOptions {
  /** Ends the call, and what it waits for, with `AbortError`. */
  readonly signal?: AbortSignal;
}
