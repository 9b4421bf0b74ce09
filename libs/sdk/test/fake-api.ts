import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';

/** A request as it came. */
export interface Came {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An HTTP server of a test, which answers each request by the next of its answers; the last one stays. */
export interface FakeApi {
  readonly baseUrl: string;
  readonly came: readonly Came[];
  readonly server: Server;
  close(): Promise<void>;
}

export type Answer = (response: ServerResponse, request: Came) => void;

export async function fakeApi(...answers: readonly Answer[]): Promise<FakeApi> {
  const came: Came[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one: Came = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      came.push(one);
      const answer = answers[Math.min(came.length, answers.length) - 1];
      answer?.(response, one);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the server has no port');
  return {
    baseUrl: `http://127.0.0.1:${String(address.port)}`,
    came,
    server,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Answers JSON. */
export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return (response) => {
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body));
  };
}

/** Answers a problem document. */
export function refusal(
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return json(
    status,
    {
      code,
      detail: `it is ${code}`,
      retryable: [429, 503].includes(status),
      request_id: 'R1',
    },
    headers,
  );
}

/** Breaks the connection without an answer. */
export const broken: Answer = (response) => {
  response.destroy();
};

/** Sends events; then ends the stream, breaks it off, or leaves it open. */
export function events(
  frames: readonly (readonly [id: number, type: string, data: object])[],
  then: 'end' | 'break' | 'stay' = 'end',
): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 2000\n\n');
    const text = frames
      .map(
        ([id, type, data]) =>
          `id: ${String(id)}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`,
      )
      .join('');
    response.write(text, () => {
      if (then === 'end') response.end();
      if (then === 'break') response.destroy();
    });
  };
}
