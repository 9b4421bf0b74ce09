import type { SandboxRecord } from '@sandboxed/domain';
import { containerName, decideIdle } from '@sandboxed/domain';
import { STOP_GRACE_SECONDS } from '../bring-up.ts';
import type { JobContext, JobHandler } from '../context.ts';
import { readActivity } from '../sample.ts';
import { loadSandbox } from './load.ts';

/** Stops a sandbox. A proposal for idleness is decided again here, after a fresh reading, in the transaction that commits to it. */
export const stopHandler: JobHandler<'stop'> = {
  async run(context) {
    const { deps, claim, job } = context;
    const sandbox = loadSandbox(context);
    if (sandbox.state === 'stopped')
      return { status: sandbox.state, already: true };
    if (sandbox.state === 'running') {
      const kept = await commitToStop(context, sandbox);
      if (kept !== undefined) return { status: 'running', kept };
    }
    deps.reach('stop.decided');
    const name = containerName(sandbox.id);
    deps.store.jobs.assertHeld(claim);
    // Nobody waits for an idle stop; a person who stops a sandbox does.
    await deps.edge.shut(sandbox, context.payload.if_idle !== undefined);
    deps.reach('stop.gated');
    deps.store.jobs.assertHeld(claim);
    await Promise.all([
      deps.docker.stop(name, STOP_GRACE_SECONDS),
      deps.edge.read(),
    ]);
    deps.reach('stop.stopped');
    deps.agents.forget(sandbox.id);
    deps.edge.openLater(sandbox);
    // Nothing of it runs now; what went wrong is still to be read.
    if (sandbox.state === 'error') return { status: 'error' };
    const now = deps.now();
    deps.store.transaction(() => {
      deps.store.jobs.assertHeld(claim);
      deps.store.sandboxes.transition(sandbox.id, 'exited', {
        actor: job.requested_by,
        reason: reasonOf(context),
        now,
      });
    });
    return { status: 'stopped' };
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

/** Enters `stopping`, or answers why the sandbox is kept. */
async function commitToStop(
  context: JobContext<'stop'>,
  sandbox: SandboxRecord,
): Promise<string | undefined> {
  const { deps, claim, job, payload } = context;
  const { store } = deps;
  if (payload.if_idle !== undefined) await readActivity(deps, sandbox);
  return store.transaction(() => {
    store.jobs.assertHeld(claim);
    if (payload.if_idle !== undefined) {
      const others = store.jobs
        .mailbox(sandbox.id)
        .filter((letter) => letter.id !== job.id);
      const fresh = loadSandbox(context);
      const decision = decideIdle(fresh, others.length, deps.now());
      if (!decision.stop) return decision.why;
    }
    store.sandboxes.transition(sandbox.id, 'stop', {
      actor: job.requested_by,
      reason: reasonOf(context),
      now: deps.now(),
    });
    return undefined;
  });
}

function reasonOf({ payload }: JobContext<'stop'>): string {
  return payload.if_idle === undefined ? 'stopped on request' : 'idle';
}
