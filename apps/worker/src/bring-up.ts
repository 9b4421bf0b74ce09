import type { AgentHealth } from '@sandboxed/agent';
import type { SandboxRecord } from '@sandboxed/domain';
import { containerName, DomainError, toFailure } from '@sandboxed/domain';
import type { DockerDriver } from '@sandboxed/docker';
import type { StartContext } from './admission.ts';
import { holdMemory } from './admission.ts';
import type { Agents } from './agents.ts';
import { AGENT_READY_MS } from './agents.ts';
import { startApp } from './app-services.ts';
import { layHeadStart } from './lay-head-start.ts';
import { startContainer } from './start-container.ts';

/** SIGTERM to SIGKILL, for a container. */
export const STOP_GRACE_SECONDS = 10;

/**
 * Brings a sandbox from any state that may start to where it runs: memory, directories, container, agent, services. That it does
 * is written with the end of its job, see {@link nowRunning}. Every step finds its own earlier work done and goes on. Throws what
 * the steps throw; `Deferred`, `no_capacity`, `start_failed`.
 */
export async function bringUp(
  context: StartContext,
  sandbox: SandboxRecord,
): Promise<void> {
  const { deps, claim, signal } = context;
  const { store, docker, agents } = deps;
  context.phase('memory');
  holdMemory(context);
  deps.reach('start.admitted');

  context.phase('directories');
  store.jobs.assertHeld(claim);
  deps.edge.shut(sandbox);
  deps.reach('start.gated');
  await deps.workspaces.prepare(sandbox.id);
  deps.reach('start.prepared');
  using _headStart = layHeadStart(deps, sandbox);
  const { name, health: said } = await startContainer(
    {
      deps,
      signal,
      assertHeld: () => {
        store.jobs.assertHeld(claim);
      },
      isNew: sandbox.state === 'creating',
      phase: (name) => {
        context.phase(name);
      },
    },
    sandbox,
  );
  deps.reach('start.started');
  context.phase('agent');
  const health =
    said ?? (await agentReady(docker, agents, sandbox, name, signal));
  deps.reach('start.agent_ready');
  context.phase('app');
  store.jobs.assertHeld(claim);
  await startApp(deps, sandbox, health);
  deps.reach('start.app_started');
}

/** A sandbox that was brought up is `running`; one that was so already stays as it is. Inside the transaction that ends the job. */
export function nowRunning(
  { deps: { store, now }, claim, job }: StartContext,
  reason: string,
): void {
  const { sandboxId: id } = claim;
  if (store.sandboxes.get(id)?.state === 'running') return;
  const at = now();
  store.sandboxes.touch(id, at);
  store.sandboxes.transition(id, 'ready', {
    actor: job.requested_by,
    reason,
    now: at,
  });
}

async function agentReady(
  docker: DockerDriver,
  agents: Agents,
  sandbox: SandboxRecord,
  container: string,
  signal: AbortSignal,
): Promise<AgentHealth> {
  try {
    return await agents.waitReady(sandbox.id, AGENT_READY_MS, signal);
  } catch (error) {
    const facts = await docker.inspect(container);
    if (facts?.running === true) throw error;
    const how =
      facts === undefined
        ? 'its container vanished'
        : `its container exited with code ${String(facts.exitCode)}${facts.oomKilled ? ' (out of memory)' : ''}`;
    throw new DomainError(
      'start_failed',
      `The sandbox did not come up: ${how}. The image must hold glibc and allow user 1000 to run.`,
      { cause: error },
    );
  }
}

/** Stops the container of a start that fails for good: nobody would look after it. */
export async function stopFailed(context: StartContext): Promise<void> {
  const { store, docker, agents } = context.deps;
  const { sandboxId } = context.claim;
  const state = store.sandboxes.get(sandboxId)?.state;
  if (state !== 'creating' && state !== 'starting') return;
  store.jobs.assertHeld(context.claim);
  await docker.stop(containerName(sandboxId), STOP_GRACE_SECONDS);
  agents.forget(sandboxId);
}

/** A start that failed for good: the sandbox says why and can be started again or deleted. */
export function failStart(context: StartContext, error: unknown): void {
  const { deps, claim, job } = context;
  const failure = toFailure(error);
  const sandbox = deps.store.sandboxes.get(claim.sandboxId);
  if (sandbox?.state !== 'creating' && sandbox?.state !== 'starting') return;
  deps.store.sandboxes.transition(claim.sandboxId, 'fail', {
    actor: job.requested_by,
    reason: failure.message,
    error: failure,
    now: deps.now(),
  });
}
