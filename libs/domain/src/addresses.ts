import { z } from 'zod';
import { DomainError } from './errors.ts';

/** The IPv4 addresses of one sandbox network, as the Engine writes them. */
export const subnetSchema = z.object({
  cidr: z.cidrv4(),
  gateway: z.ipv4(),
});
export type Subnet = z.output<typeof subnetSchema>;

/** Whether a sandbox may have this address: it is in the subnet and neither its network, gateway nor broadcast address. */
export function isUsable(subnet: Subnet, address: number): boolean {
  const { network, broadcast } = edges(subnet);
  return (
    address > network &&
    address < broadcast &&
    address !== parseAddress(subnet.gateway)
  );
}

/**
 * The next free address after `last`, round the subnet. So one that became free is used again only after all others: whoever
 * still routes to it has long learned better. Throws `no_capacity` when all are taken.
 */
export function nextAddress(
  subnet: Subnet,
  isTaken: (address: number) => boolean,
  last: number | undefined,
): number {
  const { network, broadcast } = edges(subnet);
  const size = broadcast - network + 1;
  const from = last === undefined || last < network ? network : last;
  for (let step = 1; step <= size; step += 1) {
    const address = network + ((from - network + step) % size);
    if (isUsable(subnet, address) && !isTaken(address)) return address;
  }
  throw new DomainError(
    'no_capacity',
    `Every address of the sandbox network (${subnet.cidr}) belongs to a sandbox. Delete sandboxes that are not needed any more.`,
  );
}

/** An address as the Engine takes it. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

function parseAddress(text: string): number {
  return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function edges({ cidr }: Subnet): {
  readonly network: number;
  readonly broadcast: number;
} {
  const [base = '', prefix = ''] = cidr.split('/');
  const size = 2 ** (32 - Number(prefix));
  const network = Math.floor(parseAddress(base) / size) * size;
  return { network, broadcast: network + size - 1 };
}
