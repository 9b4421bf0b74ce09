import type { CallOptions } from './connection.ts';
import type { KeylessPath, Method } from './routes.ts';

/** Bytes that are sent; a stream is read as it is sent, and such a call is never made twice. */
export type Bytes =
  string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array>;

/** How a call is made. */
export interface Sent extends CallOptions {
  /** How long it is tried again, in milliseconds; `maxRetries` times unless given. */
  readonly patienceMs?: number;
}

/** A call as it goes over the wire, however often. */
export interface Request extends Sent {
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

/** A call whose answer is no JSON, or whose body is none. */
export type RawRequest = Omit<Request, 'isRepeatable' | 'isUpload'>;

/** Calls that answer a secret, which the API does not store: they are made once. */
const ONCE: Readonly<Record<KeylessPath, true>> = {
  '/v1/keys': true,
  '/v1/sandboxes/{id}/preview-links': true,
  '/v1/sandboxes/{id}/terminal-tickets': true,
  '/v1/webhooks': true,
  '/v1/webhooks/{id}/rotate-secret': true,
};

/** A call that takes and answers JSON. */
export function jsonRequest(
  method: Method,
  path: string,
  { params, query, body }: AnyCall,
  { signal, patienceMs }: Sent,
): Request {
  const hasKey = method === 'post' && !(path in ONCE);
  return {
    method,
    path,
    isRepeatable: method !== 'post' || hasKey,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(hasKey && { 'idempotency-key': newKey() }),
    },
    ...(signal !== undefined && { signal }),
    ...(patienceMs !== undefined && { patienceMs }),
    ...(params !== undefined && { params }),
    ...(query !== undefined && { query }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
}

/** The same, ready to be sent. */
export function rawRequest(request: RawRequest): Request {
  const { method, body, headers } = request;
  return {
    ...request,
    headers: {
      ...headers,
      ...(method === 'post' && { 'idempotency-key': newKey() }),
    },
    isRepeatable: !(body instanceof ReadableStream) && !isConditional(headers),
    isUpload: body !== undefined,
  };
}

/** A try whose answer was lost may be what is in the way of the next one. */
function isConditional(headers: Request['headers'] = {}): boolean {
  return 'if-match' in headers || 'if-none-match' in headers;
}

/** Whether the API is to answer only when a job has ended. */
export function isHeld({ query }: Request): boolean {
  return Number(query?.['wait']) > 0;
}

/** Names a request; there is no `randomUUID` on pages that came over plain HTTP. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
}
