import { AgentError } from '@sandboxed/agent';
import { asDomainError } from '../agents.ts';
import type { JobHandler } from '../context.ts';
import { loadSandbox } from './load.ts';

/** Tells a running sandbox's agent of a changed service; a sleeping one learns of it when it boots. */
export const serviceHandler: JobHandler<'service'> = {
  async run(context) {
    const { deps, payload, claim } = context;
    const sandbox = loadSandbox(context);
    if (sandbox.state !== 'running')
      return { name: payload.name, applied: 'at next start' };
    deps.store.jobs.assertHeld(claim);
    deps.store.sandboxes.touch(sandbox.id, deps.now());
    const agent = deps.agents.client(sandbox.id);
    const declared = deps.store.services
      .list(sandbox.id)
      .find(({ name }) => name === payload.name);
    try {
      if (declared === undefined) await agent.deleteService(payload.name);
      else if (payload.action === 'restart')
        await agent.restartService(payload.name);
      else await agent.putService(payload.name, declared.spec);
    } catch (error) {
      const gone =
        declared === undefined &&
        error instanceof AgentError &&
        error.code === 'agent_not_found';
      if (!gone) asDomainError(error);
    }
    return { name: payload.name, applied: 'now' };
  },
};
