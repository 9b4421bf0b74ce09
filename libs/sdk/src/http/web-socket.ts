/** What is used of a web socket: those of browsers, Node, Deno, Bun and of the package `ws` have it. */
export interface WebSocketLike {
  binaryType: string;
  /** 1 while it is open. */
  readonly readyState: number;
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
  addEventListener(
    type: 'open' | 'message' | 'close' | 'error',
    listener: (event: unknown) => void,
  ): void;
}

/** Makes a web socket at once, and connects it later. */
export type WebSocketClass = new (
  url: string,
  protocols: string[],
) => WebSocketLike;
