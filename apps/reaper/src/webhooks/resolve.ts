import { Resolver } from 'node:dns/promises';
import type { Resolve } from './address-guard.ts';

const TIMEOUT_MS = 2_000;
const TRIES = 2;

/**
 * Asks the name servers themselves: the system's lookup takes one of four threads of the process for as long as it waits, so that a
 * few names that never answer would hold up all others. Names of /etc/hosts are not known to it.
 */
export function createResolve(): Resolve {
  return async (name) => {
    const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
    const [v4, v6] = await Promise.allSettled([
      resolver.resolve4(name),
      resolver.resolve6(name),
    ]);
    const found = [
      ...(v4.status === 'fulfilled' ? v4.value : []).map((address) => ({
        address,
        family: 4 as const,
      })),
      ...(v6.status === 'fulfilled' ? v6.value : []).map((address) => ({
        address,
        family: 6 as const,
      })),
    ];
    if (found.length === 0) throw new Error(`${name} has no address`);
    return found;
  };
}
