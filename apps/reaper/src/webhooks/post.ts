import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { AddressGuard } from './address-guard.ts';

/** All of one try, from the name to the last byte of the answer. Milliseconds. */
const TRY_MS = 10_000;
/** An answer is read, and thrown away, up to here. Bytes. */
const ANSWER_BYTES = 65_536;
/** What comes after the headers is not waited for longer. Milliseconds. */
const REST_MS = 1_000;
const HEADER_BYTES = 16_384;

/** One try. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ends it at once. */
  readonly signal: AbortSignal;
}

/** Sends one try and answers the status; rejects when there is no answer. Redirects are not followed. */
export type SendPost = (post: Post) => Promise<number>;

/** Sends to addresses that the guard lets through, over a connection of its own. Without TLS only where `http` is allowed. */
export function createSendPost(
  guard: AddressGuard,
  options: { readonly http: boolean; readonly tryMs?: number },
): SendPost {
  const { http, tryMs = TRY_MS } = options;
  return ({ url, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const target = new URL(url);
      const isPlain = target.protocol === 'http:';
      if (isPlain && !http)
        throw new Error('http is not allowed here: only https is');
      guard.assertHost(target.hostname);
      const bytes = Buffer.from(body);
      const request = (isPlain ? plainRequest : tlsRequest)(target, {
        method: 'POST',
        agent: false,
        lookup: guard.lookup,
        maxHeaderSize: HEADER_BYTES,
        signal,
        headers: {
          ...headers,
          'content-type': 'application/json',
          'content-length': bytes.length,
          'user-agent': 'sandboxed-webhooks',
        },
      });
      const timer = setTimeout(() => {
        request.destroy(new Error(`no answer within ${tryMs} ms`));
      }, tryMs);
      let status: number | undefined;
      let rest: NodeJS.Timeout | undefined;
      request.on('close', () => {
        clearTimeout(timer);
        clearTimeout(rest);
        // Not before: whoever counts tries is to count connections.
        if (status !== undefined) resolve(status);
        else reject(new Error('the connection was closed without an answer'));
      });
      request.on('error', (error) => {
        if (status === undefined) reject(error);
      });
      request.on('response', (response) => {
        status = response.statusCode ?? 0;
        rest = setTimeout(() => request.destroy(), REST_MS);
        let read = 0;
        response.on('data', (chunk: Buffer) => {
          read += chunk.length;
          if (read > ANSWER_BYTES) request.destroy();
        });
        // The status is what counts; it is known.
        response.on('error', () => undefined);
      });
      request.end(bytes);
    });
}
