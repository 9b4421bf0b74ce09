import net from 'node:net';
import type * as z from 'zod';
import {
  converse,
  type HttpAnswer,
  type HttpConnection,
  type HttpListener,
  type HttpRequest,
} from './http-connection.ts';
import { Refusal } from './refusal.ts';

const MAX_CONNECTIONS = 1_024;

/** One call, as a route sees it. */
export type Call = {
  /** What the route's pattern captured, decoded. */
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: () => unknown;
};

/** A whole answer. */
type Reply = { readonly status?: number; readonly json: unknown };

/** A streamed answer: NDJSON, made as the reader takes it; `open` may throw a {@link Refusal} before it begins. */
type StreamReply = {
  readonly open: (gone: AbortSignal) => AsyncIterable<Uint8Array | string>;
};

/** What answers one method on the paths that match a pattern. */
export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly pattern: RegExp;
  readonly answer: (
    call: Call,
  ) => Promise<Reply | StreamReply> | Reply | StreamReply;
};

/** A server of the agent's protocol. */
export type HttpServer = {
  readonly server: net.Server;
  /** Closes the connections on which nothing is asked just now. */
  readonly closeIdle: () => void;
};

/** Serves a table of routes; whatever goes wrong becomes `{code, message}`. */
export function createHttpServer(
  routes: readonly Route[],
  upgrade: HttpListener['upgrade'],
): HttpServer {
  const open = new Map<net.Socket, HttpConnection>();
  const server = net.createServer((socket) => {
    const connection = converse(socket, {
      answer: (request, answer) => serve(routes, request, answer),
      upgrade,
    });
    open.set(socket, connection);
    socket.once('close', () => open.delete(socket));
  });
  server.maxConnections = MAX_CONNECTIONS;
  return {
    server,
    closeIdle() {
      for (const [socket, { isIdle }] of open) if (isIdle()) socket.destroy();
    },
  };
}

/** Checks something from outside against its schema. Throws a {@link Refusal} that says what is wrong. */
export function parse<S extends z.ZodType>(
  schema: S,
  value: unknown,
): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues
    .slice(0, 10)
    .map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  throw new Refusal(400, 'bad_request', problems.join('; ').slice(0, 2_000));
}

async function serve(
  routes: readonly Route[],
  request: HttpRequest,
  answer: HttpAnswer,
): Promise<void> {
  try {
    const reply = await replyTo(routes, request);
    if ('open' in reply) await stream(reply, answer);
    else answer.whole(reply.status ?? 200, reply.json);
  } catch (error) {
    if (answer.breakOff()) return;
    const { status, code, message } =
      error instanceof Refusal
        ? error
        : new Refusal(500, 'internal', String(error).slice(0, 1_000));
    answer.whole(status, { code, message });
  }
}

function replyTo(
  routes: readonly Route[],
  { method, url, body }: HttpRequest,
): Promise<Reply | StreamReply> | Reply | StreamReply {
  const [path = '', search = ''] = url.split('?', 2);
  const here = routes.flatMap((route) => {
    const match = route.pattern.exec(path);
    return match === null ? [] : [{ route, match }];
  });
  const found = here.find(({ route }) => route.method === method);
  if (found === undefined)
    throw here.length === 0
      ? new Refusal(404, 'not_found', 'no such path')
      : new Refusal(405, 'method_not_allowed', 'not this method here');
  return found.route.answer({
    params: found.match.slice(1),
    query: new URLSearchParams(search),
    body: () => parseBody(body),
  });
}

function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Refusal(400, 'bad_request', 'the body is not JSON');
  }
}

async function stream(reply: StreamReply, answer: HttpAnswer): Promise<void> {
  const { gone } = answer;
  const chunks = reply.open(gone);
  answer.begin('application/x-ndjson');
  for await (const chunk of chunks) {
    if (gone.aborted) break;
    await answer.write(chunk);
  }
  answer.end();
}
