import type { SandboxId } from '@sandboxed/domain';
import { containerName, jobIdSchema } from '@sandboxed/domain';
import { ulid } from 'ulid';
import type { WorkerDeps } from '../context.ts';

/** Removes all of a member that no create can take any more, its row last. Missing parts are fine; several workers may be at it. */
export async function removeMember(
  deps: Pick<
    WorkerDeps,
    'store' | 'docker' | 'agents' | 'workspaces' | 'edge' | 'reach'
  >,
  id: SandboxId,
  ports: readonly number[],
): Promise<void> {
  await deps.docker.remove(containerName(id));
  deps.agents.forget(id);
  deps.reach('pool.container_removed');
  await deps.workspaces.removeRunDir(id);
  // By way of the trash, like every workspace, under an id of its own: there is no job.
  await deps.workspaces.remove(id, jobIdSchema.parse(ulid()));
  deps.edge.clear({ id, ports });
  deps.reach('pool.removed');
  deps.store.warmPool.forget(id);
}
