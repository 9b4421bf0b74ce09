import type { PoolMember, SandboxId } from '@sandboxed/domain';
import { DomainError, MEMBER_STATES, sandboxIdSchema } from '@sandboxed/domain';
import { z } from 'zod';
import type { Addresses } from './addresses.ts';
import type { Session } from './session.ts';

/** Which container a create gets. */
export type PoolClaim = Pick<PoolMember, 'id' | 'generation'>;

/** Until when none is made, and how often in a row that failed. */
export interface PoolRest {
  readonly until: number;
  readonly failures: number;
}

/** Containers that wait for a create to take them. None is a sandbox, and none of their ids was ever one. */
export interface WarmPool {
  all(): readonly PoolMember[];
  has(id: SandboxId): boolean;
  /** Adds a member in the making, unless `size` are in the making or ready. Answers whether it did. */
  plan(member: Omit<PoolMember, 'state'>, size: number): boolean;
  /** Throws `stale_write` unless the member is still in the making. */
  assertMaking(id: SandboxId): void;
  /** Throws `stale_write` unless the member was in the making. */
  markReady(id: SandboxId, now: number): void;
  /** Takes members, or all, out of what a create can get. Answers how many there were of them. */
  retire(ids: readonly SandboxId[] | 'all'): number;
  /** A retired member is gone, and its address is free. */
  forget(id: SandboxId): void;
  /** Takes the oldest member of this key out of the pool: it is the caller's sandbox from the same transaction on. */
  claim(key: string): PoolClaim | undefined;
  /** Creates that got a member, and that found none although one would have fitted. */
  claims(): { readonly hits: number; readonly misses: number };
  rest(): PoolRest;
  putRest(rest: PoolRest): void;
  /** Whether lifecycle jobs are queued; those that wait for memory count, too. */
  isBusy(): boolean;
  /** Forgets all of them: there are no containers of theirs here. */
  clear(): void;
}

const memberSchema = z
  .strictObject({
    id: sandboxIdSchema,
    generation: z.int(),
    key: z.string(),
    host_key: z.string(),
    state: z.enum(MEMBER_STATES),
    created_at: z.int(),
    ready_at: z.int().nullable(),
  })
  .transform((row) => ({
    id: row.id,
    generation: row.generation,
    key: row.key,
    hostKey: row.host_key,
    state: row.state,
    createdAt: row.created_at,
  }));
const claimSchema = z
  .strictObject({ id: sandboxIdSchema, generation: z.int() })
  .optional();
const claimsSchema = z.strictObject({ hits: z.int(), misses: z.int() });
const restSchema = z.strictObject({ until: z.int(), failures: z.int() });

export function createWarmPool(
  session: Session,
  addresses: Addresses,
): WarmPool {
  const { db } = session;
  const all = db.prepare('SELECT * FROM warm_pool ORDER BY created_at, id');
  const one = db
    .prepare<[string]>('SELECT 1 FROM warm_pool WHERE id = ?')
    .pluck();
  const plan = db.prepare<[Record<string, unknown>]>(
    `INSERT INTO warm_pool (id, generation, key, host_key, state, created_at)
     SELECT @id, @generation, @key, @hostKey, 'making', @createdAt
     WHERE (SELECT COUNT(*) FROM warm_pool WHERE state <> 'leaving') < @size`,
  );
  const making = db
    .prepare<[string]>(
      `SELECT 1 FROM warm_pool WHERE id = ? AND state = 'making'`,
    )
    .pluck();
  const ready = db.prepare<[number, string]>(
    `UPDATE warm_pool SET state = 'ready', ready_at = ? WHERE id = ? AND state = 'making'`,
  );
  const retire = db.prepare<[string | null, string | null]>(
    `UPDATE warm_pool SET state = 'leaving' WHERE state <> 'leaving' AND (? IS NULL OR id = ?)`,
  );
  const forget = db.prepare<[string]>(
    `DELETE FROM warm_pool WHERE id = ? AND state = 'leaving'`,
  );
  const claim = db.prepare<[string]>(
    `DELETE FROM warm_pool WHERE id =
       (SELECT id FROM warm_pool WHERE state = 'ready' AND key = ? ORDER BY ready_at, id LIMIT 1)
     RETURNING id, generation`,
  );
  const count = db.prepare<[number, number]>(
    'UPDATE warm_pool_turn SET hits = hits + ?, misses = misses + ?',
  );
  const claims = db.prepare('SELECT hits, misses FROM warm_pool_turn');
  const rest = db.prepare(
    'SELECT rest_until AS until, failures FROM warm_pool_turn',
  );
  const putRest = db.prepare<[number, number]>(
    'UPDATE warm_pool_turn SET rest_until = ?, failures = ?',
  );
  const busy = db
    .prepare(
      `SELECT 1 FROM jobs WHERE status IN ('queued', 'running') AND status = 'queued' AND class = 'lifecycle' LIMIT 1`,
    )
    .pluck();
  const stale = (id: SandboxId): DomainError =>
    new DomainError(
      'stale_write',
      `The member ${id} of the warm pool is not in the making any more.`,
    );

  const pool: WarmPool = {
    all: () => all.all().map((row) => memberSchema.parse(row)),
    has: (id) => one.get(id) !== undefined,
    plan: (member, size) => plan.run({ ...member, size }).changes === 1,
    assertMaking(id) {
      if (making.get(id) === undefined) throw stale(id);
    },
    markReady(id, now) {
      if (ready.run(now, id).changes !== 1) throw stale(id);
    },
    retire: (ids) =>
      ids === 'all'
        ? retire.run(null, null).changes
        : session.transaction(() =>
            ids.reduce((sum, id) => sum + retire.run(id, id).changes, 0),
          ),
    forget(id) {
      session.transaction(() => {
        if (forget.run(id).changes === 1) addresses.release(id);
      });
    },
    claim: (key) =>
      session.transaction(() => {
        const found = claimSchema.parse(claim.get(key));
        count.run(found === undefined ? 0 : 1, found === undefined ? 1 : 0);
        return found;
      }),
    claims: () => claimsSchema.parse(claims.get()),
    rest: () => restSchema.parse(rest.get()),
    putRest({ until, failures }) {
      putRest.run(until, failures);
    },
    isBusy: () => busy.get() !== undefined,
    clear() {
      session.transaction(() => {
        pool.retire('all');
        for (const { id } of pool.all()) pool.forget(id);
      });
    },
  };
  return pool;
}
