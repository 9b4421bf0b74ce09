import { loadSandbox } from '@sandboxed/jobs';
import type { JobHandler } from '../context.ts';
import { failRemoval, removeContainer } from './delete.ts';

/** Deletes a sandbox and every byte of its workspace. */
export const purgeHandler: JobHandler<'purge'> = {
  async run(context) {
    const { deps, claim, job } = context;
    const sandbox = loadSandbox(context);
    if (sandbox.state === 'deleted' && !sandbox.has_workspace)
      return { purged: true, freed_bytes: 0 };
    let freedBytes = 0;
    await removeContainer(context, 'purged on request', async () => {
      context.phase('workspace');
      deps.store.jobs.assertHeld(claim);
      freedBytes = await deps.workspaces.remove(sandbox.id, job.id);
      deps.reach('purge.workspace_removed');
      // A worker that was held up so far may not say it of the workspace that the id has got since.
      deps.store.transaction(() => {
        deps.store.jobs.assertHeld(claim);
        deps.store.sandboxes.forgetWorkspace(sandbox.id);
        deps.store.agentSessions.clear(sandbox.id);
      });
      deps.reach('purge.forgotten');
    });
    return { purged: true, freed_bytes: freedBytes };
  },
  onFailed: failRemoval,
};
