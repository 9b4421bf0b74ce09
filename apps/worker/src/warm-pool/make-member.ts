import type { Contained, PoolMember, PoolSpec } from '@sandboxed/domain';
import {
  DEFAULT_LIMITS,
  DomainError,
  MEMBER_MAKING_MS,
} from '@sandboxed/domain';
import { AGENT_READY_MS } from '../agents.ts';
import type { WorkerDeps } from '../context.ts';
import { startContainer } from '../start-container.ts';
import { removeMember } from './remove-member.ts';

/**
 * Makes the container of a member that is on record, as a sandbox's is made, up to an agent that answers. Its gates are shut before
 * it starts, so that who asks for its previews hears what is said of an id that nobody has. Throws what the steps throw; then
 * nothing of it is left, or its row is `leaving`.
 */
export async function makeMember(
  deps: WorkerDeps,
  member: Pick<PoolMember, 'id' | 'generation'>,
  spec: PoolSpec,
  stopping: AbortSignal,
): Promise<void> {
  const { store, agents } = deps;
  const { id, generation } = member;
  const contained: Contained = {
    ...spec,
    id,
    generation,
    limits: DEFAULT_LIMITS,
  };
  const signal = AbortSignal.any([
    stopping,
    AbortSignal.timeout(MEMBER_MAKING_MS),
  ]);
  const assertHeld = (): void => {
    store.warmPool.assertMaking(id);
  };
  try {
    deps.edge.shut(contained);
    assertHeld();
    signal.throwIfAborted();
    await deps.workspaces.prepare(id);
    await startContainer({ deps, signal, assertHeld, isNew: true }, contained);
    deps.reach('pool.started');
    await agents.waitReady(id, AGENT_READY_MS, signal);
    await agents.warmUp(id, signal);
  } catch (error) {
    store.warmPool.retire([id]);
    // Never ready, so nobody else's: also when another worker has cleared its row meanwhile.
    await removeMember(deps, id, spec.ports);
    throw error;
  }
  try {
    store.warmPool.markReady(id, deps.now());
  } catch (error) {
    if (error instanceof DomainError && error.code === 'stale_write')
      await removeMember(deps, id, spec.ports);
    throw error;
  }
  deps.reach('pool.ready');
}
