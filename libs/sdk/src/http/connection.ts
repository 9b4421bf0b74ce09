import type { WebSocketClass } from './web-socket.ts';

/** How an installation is reached. */
export interface Connection {
  /** Such as `http://127.0.0.1:9090`. */
  readonly baseUrl: string;
  /** A token of the installation or an API key; an open installation needs none. */
  readonly token?: string;
  /** What makes requests; the runtime's own unless given. */
  readonly fetch?: typeof globalThis.fetch;
  /** What terminals go through; the runtime's own `WebSocket` unless given. Node 20 has none: hand over that of the package `ws`. */
  readonly webSocket?: WebSocketClass;
  /** How often a call is tried again that was not answered, or with 429, 502, 503 or 504. 5 unless given. */
  readonly maxRetries?: number;
  /**
   * How long a stream, or the wait for a job, tries again instead, since an upgrade closes the API for a minute or two. Milliseconds;
   * 180,000 unless given.
   */
  readonly patienceMs?: number;
  /** The longest time without an answer, or without a sign of life on a stream. Milliseconds; 60,000 unless given. */
  readonly silenceMs?: number;
}

/** What every call takes besides its own options. */
export interface CallOptions {
  /** Ends the call, and what it waits for, with the signal's own reason. */
  readonly signal?: AbortSignal;
}
