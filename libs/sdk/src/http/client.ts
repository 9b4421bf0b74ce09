import type { SandboxedError } from '../errors.ts';
import { ConnectionError } from '../errors.ts';
import { backoffMs, pause, reasonOf } from './backoff.ts';
import type { CallOptions, Connection } from './connection.ts';
import { refusalOf } from './refusal.ts';
import type { AnswerOf, CallOf, KeylessPath, Method, Path } from './routes.ts';

/** Bytes that are sent; a stream is read as it is sent, and such a call is never made twice. */
export type Bytes =
  string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array>;

interface Request extends CallOptions {
  readonly method: Method;
  readonly path: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Bytes;
  /** Whether it may be made again without knowing what became of it. */
  readonly isRepeatable: boolean;
  /** Whether the body is what takes time. */
  readonly isUpload?: boolean;
}

/** A call of any route, whose parts its types have held to its path. */
interface AnyCall {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** Calls that answer a secret, which the API does not store: they are made once. */
const ONCE: Readonly<Record<KeylessPath, true>> = {
  '/v1/keys': true,
  '/v1/sandboxes/{id}/preview-links': true,
  '/v1/sandboxes/{id}/terminal-tickets': true,
  '/v1/webhooks': true,
  '/v1/webhooks/{id}/rotate-secret': true,
};

const SILENCE_MS = 60_000;
/** Nobody tells how far an upload got, which may be large and the line slow. */
const UPLOAD_MS = 3_600_000;
const MAX_RETRIES = 5;

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

  /** How often something is tried again. */
  get maxRetries(): number {
    return this.#connection.maxRetries ?? MAX_RETRIES;
  }

  /** A call that takes and answers JSON. Throws a `SandboxedError`, or the reason of an aborted signal. */
  async json<P extends Path, M extends Method>(
    method: M,
    path: P,
    call: CallOf<P, M>,
    { signal }: CallOptions = {},
  ): Promise<AnswerOf<P, M>> {
    const { params, query, body }: AnyCall = call;
    const hasKey = method === 'post' && !(path in ONCE);
    const request: Request = {
      method,
      path,
      isRepeatable: method !== 'post' || hasKey,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(hasKey && { 'idempotency-key': newKey() }),
      },
      ...(params !== undefined && { params }),
      ...(query !== undefined && { query }),
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    };
    // The installation keeps to its document, of which the types are made.
    return this.#tried(
      request,
      async (response) => (await response.json()) as AnswerOf<P, M>,
    );
  }

  /** A call whose answer is no JSON, or whose body is none. Its answer's body is read by the caller. */
  raw(request: Omit<Request, 'isRepeatable' | 'isUpload'>): Promise<Response> {
    const { method, body, headers } = request;
    const hasKey = method === 'post';
    return this.#tried(
      {
        ...request,
        headers: {
          ...headers,
          ...(hasKey && { 'idempotency-key': newKey() }),
        },
        isRepeatable: !(body instanceof ReadableStream),
        isUpload: body !== undefined,
      },
      (response) => Promise.resolve(response),
    );
  }

  async #tried<T>(
    request: Request,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const { signal, isRepeatable } = request;
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.#once(request, read);
      if (!('error' in result)) return result.value;
      if (signal?.aborted === true) throw reasonOf(signal);
      const { error, isWorthAnother } = result;
      const waitMs = backoffMs(attempt, error.retryAfterSeconds, Math.random());
      const mayRepeat = isRepeatable && isWorthAnother;
      if (!mayRepeat || waitMs === undefined || attempt > this.maxRetries)
        throw error;
      await pause(waitMs, signal);
    }
  }

  async #once<T>(
    request: Request,
    read: (response: Response) => Promise<T>,
  ): Promise<
    | { readonly value: T }
    | {
        readonly error: SandboxedError;
        readonly isWorthAnother: boolean;
      }
  > {
    const silence = new AbortController();
    const limitMs = request.isUpload === true ? UPLOAD_MS : this.silenceMs;
    const timer = setTimeout(() => {
      silence.abort(new Error(`no answer within ${limitMs} ms`));
    }, limitMs);
    try {
      const response = await this.#fetched(request, silence.signal);
      if (response.ok || response.status === 304)
        return { value: await read(response) };
      const error = await refusalOf(response, Date.now());
      return { error, isWorthAnother: isPassing(error, request) };
    } catch (cause) {
      return { error: connectionError(request, cause), isWorthAnother: true };
    } finally {
      clearTimeout(timer);
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

  #urlOf({ path, params = {}, query = {} }: Request): string {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(params[name] ?? ''),
    );
    const search = new URLSearchParams(
      Object.entries(query)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, String(value)]),
    ).toString();
    const base = this.#connection.baseUrl.replace(/\/+$/, '');
    return `${base}${filled}${search === '' ? '' : `?${search}`}`;
  }
}

/** Refusals of a call that is held: others tell how its job ended, and would be the same again. */
const BEFORE_A_JOB: readonly string[] = [
  'store_unavailable',
  'no_problem_document',
];

function isPassing(
  { status, code }: SandboxedError,
  { query }: Request,
): boolean {
  if (status === 503 && Number(query?.['wait']) > 0)
    return BEFORE_A_JOB.includes(code);
  return status === 429 || status === 503;
}

/** Names a request; there is no `randomUUID` on pages that came over plain HTTP. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
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
