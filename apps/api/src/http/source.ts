import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

const family = (address: string): 'ipv4' | 'ipv6' =>
  isIP(address) === 4 ? 'ipv4' : 'ipv6';

/** Says from which address a call comes; empty once its connection is gone. */
export type SourceOf = (
  request: Pick<IncomingMessage, 'headers'> & {
    readonly socket: { readonly remoteAddress?: string | undefined };
  },
) => string;

/**
 * The peer of the connection. What `X-Forwarded-For` says counts only from a proxy of this list, read from its end up to the first
 * address that is none of ours: everything before it is what a caller may have made up.
 */
export function createSourceOf(proxies: readonly string[]): SourceOf {
  const trusted = new BlockList();
  for (const entry of proxies) {
    const [address = '', bits] = entry.split('/');
    if (bits === undefined) trusted.addAddress(address, family(address));
    else trusted.addSubnet(address, Number(bits), family(address));
  }
  const isTrusted = (address: string): boolean =>
    isIP(address) !== 0 && trusted.check(address, family(address));

  return ({ socket, headers }) => {
    let source = plain(socket.remoteAddress ?? '');
    const header = headers['x-forwarded-for'] ?? [];
    const hops = (Array.isArray(header) ? header.join() : header)
      .split(',')
      .reverse();
    for (const hop of hops) {
      const before = plain(hop.trim());
      if (!isTrusted(source) || isIP(before) === 0) break;
      source = before;
    }
    return source;
  };
}

/** An IPv4 address that came over an IPv6 socket, as IPv4. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
