import type { AppPlan, SandboxId } from '@sandboxed/domain';
import { asDomainError } from '@sandboxed/jobs';
import { applyApp } from '../app-services.ts';
import type { WorkerDeps } from '../context.ts';

/** Like `applyApp`; with `changed` what ran before is started again: not every server sees that its files are others. */
export async function serveChanged(
  deps: Pick<WorkerDeps, 'store' | 'agents'>,
  id: SandboxId,
  changed: boolean,
): Promise<AppPlan> {
  const agent = deps.agents.client(id);
  const before = await agent.services().catch(asDomainError);
  const plan = await applyApp(deps, id);
  if (!changed) return plan;
  for (const { name } of plan.services)
    if (before.some((service) => service.name === name))
      await agent.restartService(name).catch(asDomainError);
  return plan;
}
