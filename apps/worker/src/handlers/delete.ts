import { containerName, toFailure } from '@sandboxed/domain';
import { loadSandbox } from '@sandboxed/jobs';
import type { JobContext, JobHandler } from '../context.ts';

type RemoveContext = JobContext<'delete'> | JobContext<'purge'>;

/** Removes container and agent directory; the row becomes a tombstone, the workspace stays. */
export async function removeContainer(
  context: RemoveContext,
  reason: string,
  finish: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { deps, claim, job } = context;
  const { store } = deps;
  const sandbox = loadSandbox(context);
  context.phase('decide');
  const by = { actor: job.requested_by, reason };
  if (sandbox.state !== 'deleting')
    store.transaction(() => {
      store.jobs.assertHeld(claim);
      store.sandboxes.transition(sandbox.id, 'delete', {
        ...by,
        now: deps.now(),
      });
    });
  deps.reach('removal.decided');
  context.phase('gate');
  store.jobs.assertHeld(claim);
  // Whoever asks from now on hears that it is being deleted, and meets no container that is about to go.
  deps.edge.shut(sandbox);
  context.phase('edge');
  await deps.edge.read(sandbox);
  context.phase('container');
  store.jobs.assertHeld(claim);
  await deps.docker.remove(containerName(sandbox.id));
  deps.reach('removal.container_removed');
  context.phase('directories');
  deps.agents.forget(sandbox.id);
  deps.edge.clearLater(sandbox);
  store.jobs.assertHeld(claim);
  await deps.workspaces.removeRunDir(sandbox.id);
  deps.reach('removal.run_dir_removed');
  await finish();
  context.phase('removed');
  store.transaction(() => {
    store.jobs.assertHeld(claim);
    store.sandboxes.transition(sandbox.id, 'removed', {
      ...by,
      now: deps.now(),
    });
  });
}

/** A removal that failed for good: back among the living, with the reason, to be tried again. */
export function failRemoval(context: RemoveContext, error: unknown): void {
  const { deps, claim, job } = context;
  if (deps.store.sandboxes.get(claim.sandboxId)?.state !== 'deleting') return;
  const failure = toFailure(error);
  deps.store.sandboxes.transition(claim.sandboxId, 'fail', {
    actor: job.requested_by,
    reason: failure.message,
    error: failure,
    now: deps.now(),
  });
}

/** Deletes a sandbox and keeps its workspace. */
export const deleteHandler: JobHandler<'delete'> = {
  async run(context) {
    if (loadSandbox(context).state === 'deleted') return { deleted: true };
    await removeContainer(context, 'deleted on request');
    return { deleted: true };
  },
  onFailed: failRemoval,
};
