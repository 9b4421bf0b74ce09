import type { LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** An address that nothing is sent to. Its message tells the name alone: what it resolves to is nobody's business. */
export class RefusedAddressError extends Error {
  constructor(host: string) {
    super(
      `${host} is, or resolves to, an address that webhooks are not delivered to`,
    );
    this.name = 'RefusedAddressError';
  }
}

/** Finds all addresses of a name. Rejects when there is none. */
export type Resolve = (name: string) => Promise<readonly LookupAddress[]>;

/** Decides which addresses may be connected to. */
export interface AddressGuard {
  /** Throws a {@link RefusedAddressError} for a host that is an address of the wrong kind; names are looked at by `lookup`. */
  assertHost(host: string): void;
  /** For a socket: what it resolves is what is connected to, so a name that changes its address gains nothing. */
  readonly lookup: LookupFunction;
}

/** What is not on the public internet: this host, private and shared networks, link-local (metadata services), tests, multicast. */
const REFUSED_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  // Metadata of Azure, although public.
  '168.63.129.16/32',
];
/** Of version 6 only global unicast is public, and of that neither documentation nor what carries an address of version 4. */
const PUBLIC_V6 = '2000::/3';
const REFUSED_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/** Refuses what is not public unless `allow` (addresses and ranges) has it. */
export function createAddressGuard(
  allow: readonly string[],
  resolve: Resolve,
): AddressGuard {
  const allowed = listOf(allow);
  const refused = listOf([...REFUSED_V4, ...REFUSED_V6]);
  const publicV6 = listOf([PUBLIC_V6]);

  function isAllowed(address: string): boolean {
    const family = isIP(address);
    if (family === 0) return false;
    const type = family === 4 ? 'ipv4' : 'ipv6';
    const mapped = family === 6 ? mappedV4(address) : undefined;
    if (mapped !== undefined) return isAllowed(mapped);
    if (allowed.check(address, type)) return true;
    if (family === 6 && !publicV6.check(address, type)) return false;
    return !refused.check(address, type);
  }

  return {
    assertHost(host) {
      const address = host.replace(/^\[|\]$/g, '');
      if (isIP(address) !== 0 && !isAllowed(address))
        throw new RefusedAddressError(host);
    },
    lookup(hostname, options, done) {
      resolve(hostname).then(
        (addresses) => {
          const good = addresses.filter(({ address }) => isAllowed(address));
          const [first] = good;
          // All must be good: which one is tried first is up to the name's owner.
          if (first === undefined || good.length < addresses.length)
            done(new RefusedAddressError(hostname), '');
          else if (options.all === true) done(null, [...good]);
          else done(null, first.address, first.family);
        },
        (error: unknown) => {
          done(error instanceof Error ? error : new Error(String(error)), '');
        },
      );
    },
  };
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const isV4 = isIP(address) === 4;
    const bits = prefix === undefined ? (isV4 ? 32 : 128) : Number(prefix);
    list.addSubnet(address, bits, isV4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** The address of version 4 in `::ffff:a.b.c.d`, however it is written. */
function mappedV4(address: string): string | undefined {
  const { hostname } = new URL(`http://[${address.replace(/%.*$/, '')}]`);
  const found = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(hostname);
  if (found === null) return undefined;
  return found
    .slice(1)
    .flatMap((part) => {
      const number = parseInt(part, 16);
      return [number >> 8, number & 255];
    })
    .join('.');
}
