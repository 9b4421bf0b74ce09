import type { AppPlan } from '@sandboxed/domain';
import { DomainError } from '@sandboxed/domain';
import { AgentError } from '@sandboxed/agent';
import { asDomainError, loadSandbox } from '@sandboxed/jobs';
import { applyApp } from '../app-services.ts';
import type { JobHandler } from '../context.ts';

/** Makes a running sandbox's services what they are to be now; a sleeping one gets them when it starts. */
export const serviceHandler: JobHandler<'service'> = {
  async run(context) {
    const { deps, payload, claim } = context;
    const { name, action } = payload;
    const sandbox = loadSandbox(context);
    if (sandbox.state !== 'running') return { name, applied: 'at next start' };
    context.phase('app');
    deps.store.jobs.assertHeld(claim);
    deps.store.sandboxes.touch(sandbox.id, deps.now());
    const plan = await applyApp(deps, sandbox.id);
    deps.reach('service.applied');
    if (action === 'restart') {
      context.phase('restart');
      await deps.agents
        .client(sandbox.id)
        .restartService(name)
        .catch((error: unknown) => restartFailed(error, name));
    }
    return { name, ...outcome(plan, name) };
  },
};

function outcome(plan: AppPlan, name: string): object {
  if (plan.overridden.includes(name))
    return {
      applied: 'no',
      problem: 'sandbox.yaml has a service of this name or port, which runs.',
    };
  return {
    applied: 'now',
    ...(plan.problem !== undefined && { problem: plan.problem }),
  };
}

function restartFailed(error: unknown, name: string): never {
  if (error instanceof AgentError && error.code === 'agent_not_found')
    throw new DomainError('service_not_found', `No service "${name}" runs.`, {
      cause: error,
    });
  return asDomainError(error);
}
