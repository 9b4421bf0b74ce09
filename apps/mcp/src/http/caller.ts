import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { HttpRefusal } from './refusal.ts';

/** Who sends a request, as the installation is to see it. */
export interface Caller {
  readonly token: string | undefined;
  /** Whom to name, as `X-Forwarded-For` does: what a proxy said, then its own address. Undefined for a program on this host. */
  readonly forwardedFor: string | undefined;
  /** Tells callers apart without keeping their tokens. */
  readonly fingerprint: string;
}

const LOOPBACK_NAME = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;
const LOOPBACK_ADDRESS = /^(127\.|::1$|::ffff:127\.)/;
/** What proxies add: whoever they speak for is not on this host. */
const FORWARDED = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-real-ip',
] as const;

/**
 * Reads who calls. Web pages of other sites are refused. Who is not on this host is named to the installation, which lets nobody in
 * from elsewhere while it is open: without that, this server would open it to the world. Throws `HttpRefusal`.
 */
export function callerOf(request: IncomingMessage): Caller {
  const { headers, socket } = request;
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  const isOfPage =
    (origin !== undefined &&
      origin !== `http://${host}` &&
      origin !== `https://${host}`) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none');
  if (isOfPage)
    throw new HttpRefusal(403, 'Pages of other sites are not let in.');
  const token = tokenOf(request);
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
  const address = socket.remoteAddress ?? 'unknown';
  const isLocal =
    LOOPBACK_NAME.test(name) &&
    LOOPBACK_ADDRESS.test(address) &&
    FORWARDED.every((header) => headers[header] === undefined);
  const before = headers['x-forwarded-for'] ?? [];
  const forwardedFor = isLocal
    ? undefined
    : [before, address].flat().join(', ');
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([token, isLocal]))
    .digest('hex');
  return { token, forwardedFor, fingerprint };
}

/** The one bearer token; undefined for none at all. */
function tokenOf(request: IncomingMessage): string | undefined {
  const sent = request.headersDistinct['authorization'] ?? [];
  if (sent.length === 0) return undefined;
  const token = /^bearer ([\x21-\x7e]+)$/i.exec(sent[0] ?? '')?.[1];
  if (sent.length === 1 && token !== undefined) return token;
  throw unauthenticated('Send one "Authorization: Bearer <token>".');
}

export function unauthenticated(message: string): HttpRefusal {
  return new HttpRefusal(401, message, { 'www-authenticate': 'Bearer' });
}
