import type { IncomingMessage } from 'node:http';
import { DomainError } from '@sandboxed/domain';

const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/**
 * Guards the open API from web pages, whose browser is on this host: what another site sends says so (`Sec-Fetch-Site`, `Origin`),
 * and what DNS rebinding sends has a foreign `Host`. Programs send none of these but a `Host` of loopback. Throws `forbidden_origin`.
 */
export function refuseForeign({ headers }: IncomingMessage): void {
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
  const isForeign =
    !LOOPBACK.test(name) ||
    (origin !== undefined && origin !== `http://${host}`) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none');
  if (isForeign)
    throw new DomainError(
      'forbidden_origin',
      'The open API answers calls from this host alone, not from web pages or under other names. Set tokens to open it further.',
    );
}
