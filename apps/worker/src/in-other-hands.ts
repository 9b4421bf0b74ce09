import type { SandboxId } from '@sandboxed/domain';
import { JOBS } from '@sandboxed/domain';
import type { WorkerDeps } from './context.ts';

/** Whether a create, start, stop, delete or purge is queued or under way, or it is a member of the warm pool, which looks after its own. */
export function isInOtherHands(
  { store }: Pick<WorkerDeps, 'store'>,
  id: SandboxId,
): boolean {
  return (
    store.warmPool.has(id) ||
    store.jobs
      .barriers(id)
      .some((letter) => JOBS[letter.kind].class === 'lifecycle')
  );
}
