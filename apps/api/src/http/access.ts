import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { DomainError } from '@sandboxed/domain';
import type { ApiConfig } from '../config.ts';

const digest = (text: string): Buffer =>
  createHash('sha256').update(text).digest();

const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|::1)$/;

/** Who calls: the actor of what is logged, and the tenant whose sandboxes it makes. */
export interface Caller {
  readonly actor: string;
  readonly tenant: string;
}

/** Says who calls, or throws `unauthenticated` or `forbidden_origin`. */
export type Access = (request: IncomingMessage) => Caller;

/** Of calls that need no token. */
export const ANYBODY: Caller = { actor: 'api:anonymous', tenant: 'open' };

/**
 * With tokens: a bearer token, compared in constant time by digest. Open: anybody on this host, but no web page of another
 * site and no foreign Host name, which is what DNS rebinding would send.
 */
export function createAccess(config: ApiConfig): Access {
  if (config.SANDBOXD_API_AUTH_DISABLED)
    return (request) => {
      refuseForeign(request);
      return { actor: 'api:local', tenant: 'open' };
    };
  const tokens = config.SANDBOXD_API_TOKENS.map(({ name, secret }) => ({
    name,
    digest: digest(secret),
  }));
  return (request) => {
    const given = /^bearer (.+)$/i.exec(request.headers.authorization ?? '');
    const sent = digest(given?.[1] ?? '');
    let found: string | undefined;
    for (const token of tokens)
      if (timingSafeEqual(sent, token.digest)) found = token.name;
    if (given === null || found === undefined)
      throw new DomainError(
        'unauthenticated',
        'Send a token of this installation as "Authorization: Bearer <secret>".',
      );
    return { actor: `api:${found}`, tenant: found };
  };
}

function refuseForeign({ headers }: IncomingMessage): void {
  const site = headers['sec-fetch-site'];
  const foreignSite =
    site !== undefined && site !== 'same-origin' && site !== 'none';
  const origin = headers.origin;
  const foreignOrigin =
    origin !== undefined && origin !== `http://${headers.host ?? ''}`;
  const host = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (foreignSite || foreignOrigin || !LOOPBACK.test(host))
    throw new DomainError(
      'forbidden_origin',
      'The open API answers calls from this host alone, not from web pages or under other names. Set tokens to open it further.',
    );
}
