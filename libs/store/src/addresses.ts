import type { SandboxId, Subnet } from '@sandboxed/domain';
import { formatAddress, isUsable, nextAddress } from '@sandboxed/domain';
import { z } from 'zod';
import type { Session } from './session.ts';

/** Which address of its network belongs to which sandbox: from its first start until it is deleted, also while it sleeps. */
export interface Addresses {
  /**
   * The address of a sandbox in this subnet; one that has none there is given the next. An address that was given back comes
   * again only after the whole subnet. Throws `no_capacity`.
   */
  hold(id: SandboxId, subnet: Subnet): string;
  /** The address that a sandbox has, undefined of one that has none. */
  of(id: SandboxId): string | undefined;
  /** Gives a sandbox's address back: something else has it on the Engine. */
  release(id: SandboxId): void;
}

const addressSchema = z.int().optional();

/** The addresses of sandboxes. A row goes with the transition of its sandbox to `deleted` (`sandboxes.ts`). */
export function createAddresses(session: Session): Addresses {
  const { db } = session;
  const held = db
    .prepare<[string]>('SELECT address FROM addresses WHERE sandbox_id = ?')
    .pluck();
  const taken = db.prepare<[number]>(
    'SELECT 1 FROM addresses WHERE address = ?',
  );
  const last = db
    .prepare<[string]>('SELECT last FROM address_turns WHERE subnet = ?')
    .pluck();
  const give = db.prepare<[string, number]>(
    'INSERT OR REPLACE INTO addresses (sandbox_id, address) VALUES (?, ?)',
  );
  const turn = db.prepare<[string, number]>(
    'INSERT OR REPLACE INTO address_turns (subnet, last) VALUES (?, ?)',
  );
  const release = db.prepare<[string]>(
    'DELETE FROM addresses WHERE sandbox_id = ?',
  );

  return {
    hold: (id, subnet) =>
      session.transaction(() => {
        const own = addressSchema.parse(held.get(id));
        // The network was made anew since, or this is another host.
        if (own !== undefined && isUsable(subnet, own))
          return formatAddress(own);
        const next = nextAddress(
          subnet,
          (address) => taken.get(address) !== undefined,
          addressSchema.parse(last.get(subnet.cidr)),
        );
        give.run(id, next);
        turn.run(subnet.cidr, next);
        return formatAddress(next);
      }),
    of(id) {
      const own = addressSchema.parse(held.get(id));
      return own === undefined ? undefined : formatAddress(own);
    },
    release(id) {
      release.run(id);
    },
  };
}
