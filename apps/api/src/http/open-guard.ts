import type { IncomingMessage } from 'node:http';
import { DomainError } from '@sandboxed/domain';

const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/** What proxies add: whoever they speak for is not on this host. */
const FORWARDED = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-real-ip',
] as const;

/**
 * Guards the open API from web pages, whose browser is on this host: what another site sends says so (`Sec-Fetch-Site`, `Origin`),
 * and what DNS rebinding sends has a foreign `Host`. Programs send none of these but a `Host` of loopback. A proxy in
 * front, which may well send that too, would open it to the world. Throws `forbidden_origin`.
 */
export function refuseForeign({ headers }: IncomingMessage): void {
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
  const isForeign =
    !LOOPBACK.test(name) ||
    (origin !== undefined && origin !== `http://${host}`) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none') ||
    FORWARDED.some((header) => headers[header] !== undefined);
  if (isForeign)
    throw new DomainError(
      'forbidden_origin',
      'The open API answers calls from this host alone, not from web pages, through proxies or under other names. Set tokens to open it further.',
    );
}
