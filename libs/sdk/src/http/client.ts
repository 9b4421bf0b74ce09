import {
  ConnectionError,
  InvalidRequestError,
  NotFoundError,
  SandboxedError,
} from '../errors.ts';
import { backoffMs, pause, reasonOf } from './backoff.ts';
import type { Connection } from './connection.ts';
import { isPassing, NO_PROBLEM, refusalOf } from './refusal.ts';
import type { RawRequest, Request, Sent } from './request.ts';
import { isHeld, jsonRequest, rawRequest } from './request.ts';
import type { AnswerOf, CallOf, Method, Path } from './routes.ts';
import { Silence } from './silence.ts';
import type { WebSocketClass, WebSocketLike } from './web-socket.ts';

/** Reads an answer; within its time limit, and again with the call when it breaks off. */
export type Reader<T> = (response: Response) => Promise<T>;

const SILENCE_MS = 60_000;
/** Nobody tells how far an upload got, which may be large and the line slow. */
const UPLOAD_MS = 3_600_000;
const MAX_RETRIES = 5;
const PATIENCE_MS = 180_000;
const LONGEST_HOLD_MS = 30_000;

/** Makes calls of the API: with the token, with a key so that none is done twice, and again when one was not answered. */
export class Client {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** How long silence is borne, in milliseconds. */
  get silenceMs(): number {
    return this.#connection.silenceMs ?? SILENCE_MS;
  }

  /** How often a call is tried again. */
  get maxRetries(): number {
    return this.#connection.maxRetries ?? MAX_RETRIES;
  }

  /** How long streams and waits try again, in milliseconds. */
  get patienceMs(): number {
    return this.#connection.patienceMs ?? PATIENCE_MS;
  }

  /** How long one call has the API wait for an end, in seconds: it must answer before its silence is taken for a broken connection. */
  get holdSeconds(): number {
    return Math.min(LONGEST_HOLD_MS, this.silenceMs / 2) / 1_000;
  }

  /** A call that takes and answers JSON. Throws a `SandboxedError`, or the reason of an aborted signal. */
  json<P extends Path, M extends Method>(
    method: M,
    path: P,
    call: CallOf<P, M>,
    options: Sent = {},
  ): Promise<AnswerOf<P, M>> {
    return this.#tried<AnswerOf<P, M>>(
      jsonRequest(method, path, call, options),
      answerOf,
    );
  }

  /** A DELETE. Answers undefined when a try whose answer was lost had done it already. */
  remove<P extends Path>(
    path: P,
    call: CallOf<P, 'delete'>,
    options: Sent = {},
  ): Promise<AnswerOf<P, 'delete'> | undefined> {
    return this.#tried<AnswerOf<P, 'delete'> | undefined>(
      jsonRequest('delete', path, call, options),
      answerOf,
      () => undefined,
    );
  }

  /** A call whose answer is no JSON, or whose body is none. */
  raw<T>(request: RawRequest, read: Reader<T>): Promise<T> {
    return this.#tried(rawRequest(request), read);
  }

  /** Begins a web socket, which says who it is by its protocols: it is sent no token. Throws `InvalidRequestError` where there are none. */
  webSocket(
    address: Pick<Request, 'path' | 'params' | 'query'>,
    protocols: readonly string[],
  ): WebSocketLike {
    // There is none in Node 20.
    const runtimes: { readonly WebSocket?: WebSocketClass } = globalThis;
    const { webSocket: Socket = runtimes.WebSocket } = this.#connection;
    if (Socket === undefined)
      throw new InvalidRequestError(
        'This runtime has no WebSocket, which terminals need: use Node 22 or later, or hand over the class of the package "ws" as `webSocket` beside `baseUrl`.',
        { code: 'no_web_socket' },
      );
    return new Socket(this.#urlOf(address).replace(/^http/i, 'ws'), [
      ...protocols,
    ]);
  }

  /** Makes the call until it is answered. `ifGone` answers for what is missing after a try that may have removed it. */
  async #tried<T>(
    request: Request,
    read: Reader<T>,
    ifGone?: () => T,
  ): Promise<T> {
    const { signal, isRepeatable, patienceMs } = request;
    const { maxRetries } = this;
    let until: number | undefined;
    let mayBeDone = false;
    refuseDots(request);
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.#once(request, read);
      if (!('error' in result)) return result.value;
      if (signal?.aborted === true) throw reasonOf(signal);
      const { error } = result;
      if (mayBeDone && error instanceof NotFoundError && ifGone !== undefined)
        return ifGone();
      mayBeDone ||= error.code === NO_PROBLEM || error.status === 0;
      const waitMs = backoffMs(attempt, error.retryAfterSeconds, Math.random());
      const now = performance.now();
      until ??= now + (patienceMs ?? 0);
      const isPatient =
        patienceMs === undefined ? attempt <= maxRetries : now < until;
      const mayRepeat = isRepeatable && isPassing(error, isHeld(request));
      if (!mayRepeat || waitMs === undefined || !isPatient) throw error;
      await pause(waitMs, signal);
    }
  }

  async #once<T>(
    request: Request,
    read: Reader<T>,
  ): Promise<{ readonly value: T } | { readonly error: SandboxedError }> {
    const silence = new Silence();
    silence.bear(request.isUpload === true ? UPLOAD_MS : this.silenceMs);
    try {
      const response = watched(
        await this.#fetched(request, silence.signal),
        () => {
          silence.bear(this.silenceMs);
        },
      );
      if (response.ok || response.status === 304)
        return { value: await read(response) };
      return { error: await refusalOf(response, Date.now()) };
    } catch (cause) {
      return {
        error:
          cause instanceof SandboxedError
            ? cause
            : connectionError(request, cause),
      };
    } finally {
      silence.end();
    }
  }

  #fetched(request: Request, silence: AbortSignal): Promise<Response> {
    const { method, body, signal, headers = {} } = request;
    const { token, fetch = globalThis.fetch } = this.#connection;
    return fetch(this.#urlOf(request), {
      method: method.toUpperCase(),
      headers: {
        ...headers,
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      signal:
        signal === undefined ? silence : AbortSignal.any([signal, silence]),
      ...(body !== undefined && { body }),
      // Node and browsers ask for it with a stream; types of the DOM do not know it yet.
      ...(body instanceof ReadableStream && { duplex: 'half' }),
    });
  }

  #urlOf({
    path,
    params = {},
    query = {},
  }: Pick<Request, 'path' | 'params' | 'query'>): string {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(params[name] ?? ''),
    );
    const search = new URLSearchParams(
      Object.entries(query)
        .flatMap(([name, value]) => [value].flat().map((one) => [name, one]))
        .filter(([, one]) => one !== undefined)
        .map((pair) => pair.map(String)),
    ).toString();
    const base = this.#connection.baseUrl.replace(/\/+$/, '');
    return `${base}${filled}${search === '' ? '' : `?${search}`}`;
  }
}

/** Reads JSON. The one place where an answer is believed: the installation keeps to its document, of which the types are made. */
export async function answerOf<T>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

/** Addresses are folded at these, so that another call would be made: `DELETE …/services/..` deletes the sandbox. */
function refuseDots({ params = {} }: Request): void {
  for (const [name, value] of Object.entries(params))
    if (['', '.', '..'].includes(value))
      throw new InvalidRequestError(
        `${name} must not be ${JSON.stringify(value)}`,
        { code: 'invalid_request' },
      );
}

/** The answer, each piece of whose body is a sign of life. */
function watched(response: Response, onSign: () => void): Response {
  if (response.body === null) return response;
  const signs = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, out) {
      onSign();
      out.enqueue(piece);
    },
  });
  return new Response(response.body.pipeThrough(signs), response);
}

function connectionError(
  { method, path }: Pick<Request, 'method' | 'path'>,
  cause: unknown,
): ConnectionError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ConnectionError(
    `${method.toUpperCase()} ${path} was not answered: ${why}`,
    { code: 'connection_failed', retryable: true },
    { cause },
  );
}
