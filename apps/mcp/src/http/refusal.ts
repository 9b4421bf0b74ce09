import type { ServerResponse } from 'node:http';

/** Why a request is not let through to a session: what HTTP and JSON-RPC call it. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** JSON-RPC's range for errors of servers. */
const SERVER_ERROR = -32_000;

/** Answers a request that belongs to no session. */
export function sendRefusal(
  response: ServerResponse,
  { status, message, headers }: HttpRefusal,
): void {
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(
      JSON.stringify({
        jsonrpc: '2.0',
        error: { code: SERVER_ERROR, message },
        id: null,
      }),
    );
}
