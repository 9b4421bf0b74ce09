import { loadRunning } from '@sandboxed/jobs';
import type { JobHandler } from '../context.ts';
import { revertTo } from '../tasks/checkpoint.ts';
import { serveChanged } from '../tasks/serve-changed.ts';

/** Brings the app directory back to the state before a task, and serves that. */
export const revertHandler: JobHandler<'revert'> = {
  async run(context) {
    const { deps, claim, payload } = context;
    const sandbox = loadRunning(context);
    deps.store.sandboxes.touch(sandbox.id, deps.now());
    context.phase('files');
    const changes = await revertTo(context, payload.task_id);
    deps.reach('revert.reverted');
    context.phase('app');
    deps.store.jobs.assertHeld(claim);
    await serveChanged(deps, sandbox.id, changes.length > 0);
    return { task_id: payload.task_id, files_changed: changes.slice(0, 1_000) };
  },
};
