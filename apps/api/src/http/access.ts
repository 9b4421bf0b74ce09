import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Scope } from '@sandboxed/domain';
import { DomainError, scopesUpTo } from '@sandboxed/domain';
import type { ApiConfig } from '../config.ts';

const digest = (text: string): Buffer =>
  createHash('sha256').update(text).digest();

const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|::1)$/;

/** Who calls. */
export interface Caller {
  /** Who did it, in what is logged. */
  readonly actor: string;
  /** Whose the things are that this caller makes, and the only ones it sees unless it is an `admin`. */
  readonly tenant: string;
  /** What it may do; each scope is there with those that it includes. */
  readonly scopes: ReadonlySet<Scope>;
}

/** Says who calls, or throws `unauthenticated` or `forbidden_origin`. */
export type Access = (request: IncomingMessage) => Caller;

/** Of calls that need no token. */
export const ANYBODY: Caller = {
  actor: 'api:anonymous',
  tenant: 'open',
  scopes: new Set(),
};

/** Of calls in open mode: who is on this host could do all of it without us. */
const LOCAL: Caller = {
  actor: 'api:local',
  tenant: 'open',
  scopes: scopesUpTo('admin'),
};

/**
 * With tokens: a bearer token, compared in constant time by digest. Open: anybody on this host, but no web page of another
 * site and no foreign Host name, which is what DNS rebinding would send.
 */
export function createAccess(config: ApiConfig): Access {
  if (config.SANDBOXD_API_AUTH_DISABLED)
    return (request) => {
      refuseForeign(request);
      return LOCAL;
    };
  const tokens = config.SANDBOXD_API_TOKENS.map(({ name, secret }) => ({
    digest: digest(secret),
    caller: {
      actor: `api:${name}`,
      tenant: name,
      scopes: scopesUpTo(
        config.SANDBOXED_ADMINS.includes(name) ? 'admin' : 'write',
      ),
    },
  }));
  return (request) => {
    const given = /^bearer (.+)$/i.exec(request.headers.authorization ?? '');
    const sent = digest(given?.[1] ?? '');
    let found: Caller | undefined;
    for (const token of tokens)
      if (timingSafeEqual(sent, token.digest)) found = token.caller;
    if (given === null || found === undefined)
      throw new DomainError(
        'unauthenticated',
        'Send a token of this installation as "Authorization: Bearer <secret>".',
      );
    return found;
  };
}

/** Throws `forbidden_scope` for a caller that may not do this much. */
export function assertScope({ scopes }: Caller, scope: Scope): void {
  if (!scopes.has(scope))
    throw new DomainError(
      'forbidden_scope',
      `This call needs the scope "${scope}", which your token does not have. Use one that has it.`,
    );
}

/** Whether a caller may know of what belongs to a tenant. */
export function sees(
  { tenant, scopes }: Pick<Caller, 'tenant' | 'scopes'>,
  owner: string,
): boolean {
  return owner === tenant || scopes.has('admin');
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
