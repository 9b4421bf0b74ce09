import { containerName, MIB } from '@sandboxed/domain';
import { loadSandbox } from '@sandboxed/jobs';
import type { JobHandler } from '../context.ts';

/** Applies the row's limits to the container, also to one that sleeps: what it was made from may say of it what it has no longer. */
export const limitsHandler: JobHandler<'limits'> = {
  async run(context) {
    const { deps, claim } = context;
    const { id, state, limits } = loadSandbox(context);
    context.phase('container');
    deps.store.jobs.assertHeld(claim);
    await deps.docker.update(containerName(id), {
      memoryBytes: limits.memory_mb * MIB,
      nanoCpus: Math.round(limits.cpus * 1e9),
      pids: limits.pids,
    });
    deps.reach('limits.updated');
    return { applied: state === 'running' ? 'now' : 'at next start' };
  },
};
