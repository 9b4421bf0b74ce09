import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type * as z from 'zod';
import { AGENT_LIMITS } from '../limits.ts';
import { Refusal } from './refusal.ts';

const KEEP_ALIVE_MS = 120_000;
const MAX_CONNECTIONS = 1_024;

/** One call, as a route sees it. */
export type Call = {
  /** What the route's pattern captured, decoded. */
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: () => Promise<unknown>;
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

/** Serves a table of routes; whatever goes wrong becomes `{code, message}`. */
export function createHttpServer(routes: readonly Route[]): Server {
  const server = createServer((request, response) => {
    void serve(routes, request, response);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = MAX_CONNECTIONS;
  return server;
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
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A caller that goes away ends the stream through 'close'; there is nobody left to tell.
  response.on('error', () => undefined);
  try {
    const reply = await answer(routes, request);
    if ('open' in reply) await stream(reply, response);
    else send(response, reply.status ?? 200, reply.json);
  } catch (error) {
    const refusal =
      error instanceof Refusal
        ? error
        : new Refusal(500, 'internal', String(error).slice(0, 1_000));
    if (response.headersSent) response.destroy();
    else
      send(response, refusal.status, {
        code: refusal.code,
        message: refusal.message,
      });
  }
}

function answer(
  routes: readonly Route[],
  request: IncomingMessage,
): Promise<Reply | StreamReply> | Reply | StreamReply {
  const [path = '', search = ''] = (request.url ?? '').split('?', 2);
  const here = routes.flatMap((route) => {
    const match = route.pattern.exec(path);
    return match === null ? [] : [{ route, match }];
  });
  const found = here.find(({ route }) => route.method === request.method);
  if (found === undefined)
    throw here.length === 0
      ? new Refusal(404, 'not_found', 'no such path')
      : new Refusal(405, 'method_not_allowed', 'not this method here');
  return found.route.answer({
    params: found.match.slice(1),
    query: new URLSearchParams(search),
    body: () => readBody(request),
  });
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Buffer)) continue;
    size += chunk.length;
    if (size > AGENT_LIMITS.requestBytes)
      throw new Refusal(413, 'too_large', 'the body is larger than 2 MiB');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Refusal(400, 'bad_request', 'the body is not JSON');
  }
}

function send(response: ServerResponse, status: number, json: unknown): void {
  const body = Buffer.from(JSON.stringify(json));
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
  });
  response.end(body);
}

async function stream(
  reply: StreamReply,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  const chunks = reply.open(gone.signal);
  gather(response);
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  response.flushHeaders();
  for await (const chunk of chunks) {
    if (gone.signal.aborted) break;
    gather(response);
    if (!response.write(chunk)) await drained(response, gone.signal);
  }
  response.end();
}

/** What is written before the event loop goes on leaves as one piece: the last line and the end of the answer above all. */
function gather({ socket }: ServerResponse): void {
  socket?.cork();
  process.nextTick(() => {
    socket?.uncork();
  });
}

function drained(response: ServerResponse, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (gone.aborted) {
      resolve();
      return;
    }
    const done = () => {
      response.off('drain', done);
      gone.removeEventListener('abort', done);
      resolve();
    };
    response.on('drain', done);
    gone.addEventListener('abort', done);
  });
}
