import type { ContainerFacts } from '@sandboxed/docker';
import type { SandboxRecord } from '@sandboxed/domain';
import { containerName, DomainError } from '@sandboxed/domain';
import { loadSandbox } from '@sandboxed/jobs';
import { STOP_GRACE_SECONDS } from '../bring-up.ts';
import type { JobContext, JobHandler } from '../context.ts';
import { readActivity } from '../sample.ts';
import { isProposal, isUrgent, reasonOf, whyKept } from './stop-proposal.ts';

/** An agent whose services end at their signal takes a tenth of it. */
const ENDS_ITSELF_MS = 1_000;
/** SIGTERM to SIGKILL when memory or disk runs out: the host has not got the usual time. */
const EMERGENCY_GRACE_SECONDS = 2;

/** Stops a sandbox. A proposal of the reaper is decided again here, after a fresh reading, in the transaction that commits to it. */
export const stopHandler: JobHandler<'stop'> = {
  async run(context) {
    const { deps, claim } = context;
    const sandbox = loadSandbox(context);
    if (sandbox.state === 'stopped')
      return { status: sandbox.state, already: true };
    const name = containerName(sandbox.id);
    context.phase('decide');
    // What was asked for is not kept: the edge reads the gates while that is written.
    if (!isProposal(context)) shut(context, sandbox);
    if (sandbox.state === 'running') {
      const kept = await commitToStop(context, sandbox);
      if (kept !== undefined) return { status: 'running', kept };
    }
    deps.reach('stop.decided');
    context.phase('gate');
    if (isProposal(context)) shut(context, sandbox);
    context.phase('edge');
    // Nobody is to meet a container that is about to go. The host cannot wait for that when its memory or disk runs out.
    if (!isUrgent(context)) await deps.edge.read(sandbox);
    deps.reach('stop.gated');
    context.phase('container');
    deps.store.jobs.assertHeld(claim);
    // First, and with the processors to itself: the Engine is asked while the container ends. If it does not answer for so long that
    // this job fails, the row says `running` of a container that is down, until the Engine is back and reconciling looks.
    const told = !isUrgent(context) && (await deps.agents.end(sandbox.id));
    const seen = await deps.docker.inspect(name);
    if (seen !== undefined && !(told && (await endsItself(context, seen)))) {
      deps.store.jobs.assertHeld(claim);
      await deps.docker.stop(
        name,
        isUrgent(context) ? EMERGENCY_GRACE_SECONDS : STOP_GRACE_SECONDS,
        seen,
      );
    }
    deps.reach('stop.stopped');
    deps.agents.forget(sandbox.id);
    deps.edge.clearLater(sandbox);
    if (sandbox.state === 'error') return { status: 'error' };
    return {
      status: 'stopped',
      ...(isProposal(context) && { reason: reasonOf(context) }),
    };
  },
  alongside(context) {
    const { deps, claim, job } = context;
    const state = deps.store.sandboxes.get(claim.sandboxId)?.state;
    // It was kept, there was nothing to stop, or what went wrong is still to be read.
    if (state === 'running' || state === 'stopped' || state === 'error') return;
    deps.store.sandboxes.transition(claim.sandboxId, 'exited', {
      actor: job.requested_by,
      reason: reasonOf(context),
      now: deps.now(),
    });
  },
  onFailed(context, error) {
    const { deps, claim, job } = context;
    const sandbox = deps.store.sandboxes.get(claim.sandboxId);
    if (sandbox?.state !== 'stopping') return;
    deps.store.sandboxes.transition(claim.sandboxId, 'ready', {
      actor: job.requested_by,
      reason: `could not be stopped: ${error instanceof Error ? error.message : 'unknown reason'}`,
      now: deps.now(),
    });
  },
};

/**
 * Whether a container whose agent was told to end goes down at that word, which is there before the Engine's signal would be, and for
 * which the Engine starts no program. Whatever takes longer to end is left to the Engine's stop, with all of its grace period.
 */
async function endsItself(
  context: JobContext<'stop'>,
  seen: ContainerFacts,
): Promise<boolean> {
  const { deps } = context;
  deps.reach('stop.told');
  try {
    return await deps.docker.waitDown(seen, ENDS_ITSELF_MS);
  } catch (error) {
    // Nobody knows. What is wrong with the Engine is told by its stop.
    if (error instanceof DomainError) return false;
    throw error;
  }
}

function shut(
  { deps, claim }: JobContext<'stop'>,
  sandbox: SandboxRecord,
): void {
  deps.store.jobs.assertHeld(claim);
  deps.edge.shut(sandbox);
}

/** Enters `stopping`, or answers why the sandbox is kept. */
async function commitToStop(
  context: JobContext<'stop'>,
  sandbox: SandboxRecord,
): Promise<string | undefined> {
  const { deps, claim, job } = context;
  const { store } = deps;
  if (isProposal(context) && !isUrgent(context))
    await readActivity(deps, sandbox);
  return store.transaction(() => {
    store.jobs.assertHeld(claim);
    const kept = whyKept(context);
    if (kept !== undefined) return kept;
    store.sandboxes.transition(sandbox.id, 'stop', {
      actor: job.requested_by,
      reason: reasonOf(context),
      now: deps.now(),
    });
    return undefined;
  });
}
