import { formatAddress, isUsable, nextAddress } from '@sandboxed/domain';
import { z } from 'zod';
import type { Session } from './session.ts';
import type { Addresses } from './store.ts';

const addressSchema = z.int().optional();

/** The addresses of sandboxes. A row goes with the transition of its sandbox to `deleted` (`sandboxes.ts`). */
export function createAddresses(session: Session): Addresses {
  const { db } = session;
  const held = db
    .prepare<[string]>('SELECT address FROM addresses WHERE sandbox_id = ?')
    .pluck();
  const taken = db.prepare('SELECT address FROM addresses').pluck();
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
          new Set(z.array(z.int()).parse(taken.all())),
          addressSchema.parse(last.get(subnet.cidr)),
        );
        give.run(id, next);
        turn.run(subnet.cidr, next);
        return formatAddress(next);
      }),
    release(id) {
      release.run(id);
    },
  };
}
