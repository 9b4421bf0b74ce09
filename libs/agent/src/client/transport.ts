import http from 'node:http';
import { AGENT_LIMITS } from '../limits.ts';
import { AgentError } from '../errors.ts';
import { refusalSchema } from '../protocol.ts';
import { connectSocket } from './connect-socket.ts';
import { readLines } from './read-lines.ts';

/** One request. */
export type TransportRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** Milliseconds until the answer must have come; for a stream, until it must have begun. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
};

/** A line of a streamed answer. */
export type Line = {
  /** Not yet checked. */
  readonly json: unknown;
  /** Bytes on the wire, its end among them. */
  readonly wireBytes: number;
};

/** HTTP over the agent's socket, with bounds on all that comes back. Errors are {@link AgentError} or the abort's reason. */
export type Transport = {
  /** The JSON of a whole answer, not yet checked. */
  readonly call: (request: TransportRequest) => Promise<unknown>;
  /** The lines of a streamed answer, each parsed as JSON, or the one value of a whole answer. Leaving the loop ends the stream. */
  readonly lines: (request: TransportRequest) => AsyncGenerator<Line>;
  readonly close: () => void;
  /** Keeps no connection any more; calls under way go on. */
  readonly retire: () => void;
};

/** See {@link Transport}. Connections are kept alive between calls. */
export function createTransport(socketPath: string): Transport {
  const agent = new http.Agent({ keepAlive: true, maxFreeSockets: 32 });
  agent.createConnection = () => connectSocket(socketPath);

  function dropKept(): void {
    for (const kept of Object.values(agent.freeSockets))
      for (const socket of kept ?? []) socket.destroy();
  }

  async function begin(
    request: TransportRequest,
    again = true,
  ): Promise<Begun> {
    request.signal?.throwIfAborted();
    const attempt = sendOnce(agent, request);
    try {
      const response = await attempt.response;
      if (response.statusCode !== undefined && response.statusCode < 300)
        return { response, detach: attempt.detach };
      const limit = setTimeout(
        () => response.destroy(timedOut(request)),
        request.timeoutMs,
      );
      throw await refused(response).finally(() => {
        clearTimeout(limit);
      });
    } catch (error) {
      attempt.detach();
      request.signal?.throwIfAborted();
      // A kept connection that the agent has just closed says nothing about the agent; its calls may all be repeated.
      if (again && attempt.reused() && isReset(error)) {
        // The others are from before as well.
        dropKept();
        return begin(request, false);
      }
      throw asAgentError(error);
    }
  }

  return {
    async call(request) {
      // One deadline for the whole answer, its body too.
      const deadline = AbortSignal.timeout(request.timeoutMs);
      const { response, detach } = await begin(request);
      const onDeadline = () => response.destroy(timedOut(request));
      if (deadline.aborted) onDeadline();
      deadline.addEventListener('abort', onDeadline);
      try {
        return parseJson(await readBody(response, AGENT_LIMITS.responseBytes));
      } catch (error) {
        request.signal?.throwIfAborted();
        throw asAgentError(error);
      } finally {
        deadline.removeEventListener('abort', onDeadline);
        detach();
      }
    },
    async *lines(request) {
      const { response, detach } = await begin(request);
      try {
        if (response.headers['content-type'] === 'application/json') {
          yield lineOf(await readBody(response, AGENT_LIMITS.lineBytes));
          return;
        }
        const chunks = response.iterator({ destroyOnReturn: false });
        for await (const line of readLines(chunks, AGENT_LIMITS.lineBytes))
          yield lineOf(line);
      } catch (error) {
        request.signal?.throwIfAborted();
        throw asAgentError(error);
      } finally {
        detach();
        // One that was read to its end leaves its connection to a later call.
        response.on('error', () => undefined);
        if (response.complete) response.resume();
        else response.destroy();
      }
      request.signal?.throwIfAborted();
    },
    close() {
      agent.destroy();
    },
    retire() {
      agent.maxFreeSockets = 0;
      dropKept();
    },
  };
}

/** An answer that has begun; `detach` makes it deaf for the request's signal, which may be aborted as soon as it is read. */
type Begun = {
  readonly response: http.IncomingMessage;
  readonly detach: () => void;
};

function sendOnce(
  agent: http.Agent,
  request: TransportRequest,
): {
  response: Promise<http.IncomingMessage>;
  reused: () => boolean;
  detach: () => void;
} {
  const body =
    request.body === undefined
      ? undefined
      : Buffer.from(JSON.stringify(request.body));
  const message = http.request({
    agent,
    method: request.method,
    path: request.path,
    headers: {
      host: 'agent',
      ...(body === undefined
        ? {}
        : {
            'content-type': 'application/json',
            'content-length': body.length,
          }),
    },
  });
  const { signal } = request;
  const onAbort = () => message.destroy(new Error('aborted'));
  signal?.addEventListener('abort', onAbort);
  const detach = () => signal?.removeEventListener('abort', onAbort);
  const response = new Promise<http.IncomingMessage>((resolve, reject) => {
    const timer = setTimeout(() => {
      message.destroy(timedOut(request));
    }, request.timeoutMs);
    let answered = false;
    message.once('response', (answer) => {
      answered = true;
      clearTimeout(timer);
      resolve(answer);
    });
    // Without a listener Node would drop the connection, and say nothing but that it is closed.
    message.once('upgrade', (_answer, socket) => {
      socket.destroy();
      reject(
        new AgentError('agent_protocol', 'it changed the protocol unasked'),
      );
    });
    message.once('close', () => {
      clearTimeout(timer);
      // Of what was answered this is the usual end, and an error costs its trace.
      if (!answered)
        reject(new AgentError('agent_unreachable', 'the agent hung up'));
    });
    // Stays attached: an error after the response reaches its reader through the response.
    message.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
  message.end(body);
  return { response, reused: () => message.reusedSocket, detach };
}

async function refused(response: http.IncomingMessage): Promise<AgentError> {
  const body = await readBody(response, 64 * 1024);
  const { code, message } = parseRefusal(body);
  return new AgentError(
    response.statusCode === 404 ? 'agent_not_found' : 'agent_refused',
    message.slice(0, 500),
    { reason: code },
  );
}

function parseRefusal(body: string): { code: string; message: string } {
  const parsed = refusalSchema.safeParse(parseJson(body));
  if (parsed.success) return parsed.data;
  throw new AgentError('agent_protocol', 'the agent failed without a reason');
}

async function readBody(
  response: http.IncomingMessage,
  maxBytes: number,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    if (!(chunk instanceof Buffer)) continue;
    size += chunk.length;
    if (size > maxBytes)
      throw new AgentError('agent_protocol', 'the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function lineOf(text: string): Line {
  return { json: parseJson(text), wireBytes: Buffer.byteLength(text) + 1 };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AgentError('agent_protocol', 'the answer is not JSON', { cause });
  }
}

function timedOut({ method, path }: TransportRequest): AgentError {
  return new AgentError(
    'agent_unreachable',
    `no answer in time to ${method} ${path.split('?', 1)[0] ?? ''}`,
    { reason: 'timeout' },
  );
}

function asAgentError(error: unknown): AgentError {
  if (error instanceof AgentError) return error;
  const code = errnoOf(error);
  if (code?.startsWith('HPE_') === true)
    return new AgentError('agent_protocol', 'the answer is not HTTP', {
      cause: error,
    });
  return new AgentError(
    'agent_unreachable',
    `the agent cannot be reached${code === undefined ? '' : ` (${code})`}`,
    { cause: error },
  );
}

function isReset(error: unknown): boolean {
  const code = errnoOf(error);
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error
    ? String(error.code)
    : undefined;
}
