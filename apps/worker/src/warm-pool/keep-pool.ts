import type { PoolMember, PoolSpec, PoolWish } from '@sandboxed/domain';
import {
  defaultPoolSpec,
  DomainError,
  firstGeneration,
  hostKey,
  mayRefill,
  membersToRetire,
  POOL_REST_MS,
  poolKey,
  readPoolKey,
  refillBackoffMs,
  sandboxIdSchema,
  wantsMemory,
} from '@sandboxed/domain';
import { ulid } from 'ulid';
import type { WorkerDeps } from '../context.ts';
import { inLanes } from '../in-lanes.ts';
import { makeMember } from './make-member.ts';
import { removeMember } from './remove-member.ts';

/** Agents asked, and members removed, at once. */
const PARALLEL = 4;

/** What a pool is to be kept at. */
export interface PoolSettings {
  readonly size: number;
  /** Image of its members: what a create gets that names none. */
  readonly image: string;
}

/**
 * Takes out of the pool what must not be in it any more, and makes what is missing, one after the other, as long as nobody else needs
 * memory or workers, and this process does not go away. Any number of workers may do this at once. Never rejects for a member that
 * could not be made or removed.
 */
export async function keepPool(
  deps: WorkerDeps,
  { size, image }: PoolSettings,
  stopping: AbortSignal,
): Promise<void> {
  const { store } = deps;
  if (size === 0 && store.warmPool.all().length === 0) return;
  const spec = defaultPoolSpec(image);
  const wish = { size, key: poolKey(spec), hostKey: hostKey(deps.host) };
  retire(deps, wish);
  const members = store.warmPool.all();
  await retireSilent(deps, members);
  await removeLeaving(deps);
  // Each is made on its own: what speaks against the next one may have come meanwhile.
  for (let round = 0; round < size; round += 1) {
    if (stopping.aborted) return;
    const member = plan(deps, wish);
    if (member === undefined) return;
    deps.reach('pool.planned');
    if (!(await made(deps, member, spec, stopping))) return;
  }
}

/** While memory is short all of them go, before any sandbox has to. */
function retire({ store, now }: WorkerDeps, wish: PoolWish): void {
  store.transaction(() => {
    const members = store.warmPool.all();
    if (members.length === 0) return;
    const isPressed = wantsMemory(pressureOf(store));
    if (isPressed) rest(store, now());
    const size = isPressed ? 0 : wish.size;
    store.warmPool.retire(membersToRetire(members, { ...wish, size }, now()));
  });
}

function pressureOf(store: WorkerDeps['store']) {
  return {
    band: store.pressure.get()?.band ?? 'normal',
    startsWaiting: store.starts.count(),
  };
}

function rest(store: WorkerDeps['store'], now: number): void {
  const { failures } = store.warmPool.rest();
  store.warmPool.putRest({ until: now + POOL_REST_MS, failures });
}

/** One whose container died, or whose agent hangs, is no use to anybody. */
async function retireSilent(
  { store, agents }: WorkerDeps,
  members: readonly PoolMember[],
): Promise<void> {
  const ready = members.filter(({ state }) => state === 'ready');
  await inLanes(ready, PARALLEL, async ({ id }) => {
    // Asked again: this process may have been held up for longer than an answer may take.
    for (let asked = 0; asked < 2; asked += 1)
      if ((await agents.isBooted(id)) !== undefined) return;
    // One that a create has taken meanwhile is not a member any more, and stays.
    store.warmPool.retire([id]);
  });
}

async function removeLeaving(deps: WorkerDeps): Promise<void> {
  const leaving = deps.store.warmPool
    .all()
    .filter(({ state }) => state === 'leaving');
  if (leaving.length > 0) deps.reach('pool.retired');
  await inLanes(leaving, PARALLEL, async ({ id, key }) => {
    try {
      await removeMember(deps, id, readPoolKey(key)?.ports ?? []);
    } catch (error) {
      // Its row stays, so the next tick goes on.
      deps.logger.warn(
        { err: error, sandboxId: id },
        'a member of the warm pool could not be removed yet',
      );
    }
  });
}

function plan(
  { store, now, hostMemory }: WorkerDeps,
  { size, key, hostKey }: PoolWish,
): PoolMember | undefined {
  return store.transaction(() => {
    const facts = {
      ...pressureOf(store),
      host: hostMemory(),
      reservedMb: store.sandboxes.reservedMb(),
      isBusy: store.warmPool.isBusy(),
      restUntil: store.warmPool.rest().until,
    };
    const createdAt = now();
    if (wantsMemory(facts)) rest(store, createdAt);
    if (!mayRefill(facts, createdAt)) return undefined;
    const member = {
      id: sandboxIdSchema.parse(ulid()),
      generation: firstGeneration(createdAt),
      ...{ key, hostKey, createdAt },
    };
    return store.warmPool.plan(member, size)
      ? { ...member, state: 'making' }
      : undefined;
  });
}

/** A failure is told once, until one succeeds; each makes the next try wait longer. */
async function made(
  deps: WorkerDeps,
  member: PoolMember,
  spec: PoolSpec,
  stopping: AbortSignal,
): Promise<boolean> {
  const { store, now, logger } = deps;
  const { failures } = store.warmPool.rest();
  try {
    await makeMember(deps, member, spec, stopping);
    if (failures > 0) store.warmPool.putRest({ until: 0, failures: 0 });
    return true;
  } catch (error) {
    // It was taken out while it was made, or this process goes away: nothing is wrong with making one.
    if (stopping.aborted) return false;
    if (error instanceof DomainError && error.code === 'stale_write')
      return false;
    const until = now() + refillBackoffMs(failures + 1);
    store.warmPool.putRest({ until, failures: failures + 1 });
    if (failures === 0)
      logger.warn(
        { err: error },
        'no member of the warm pool can be made; creates go on without',
      );
    return false;
  }
}
