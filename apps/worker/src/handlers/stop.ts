import type { JobPayload, SandboxRecord } from '@sandboxed/domain';
import {
  containerName,
  decideIdle,
  decidePressure,
  DISK_LIMIT_REASON,
  DISK_RESERVE_REASON,
  diskLimit,
  diskShare,
  EMERGENCY_REASON,
  nextBand,
} from '@sandboxed/domain';
import { loadSandbox } from '@sandboxed/jobs';
import { STOP_GRACE_SECONDS } from '../bring-up.ts';
import type { JobContext, JobHandler } from '../context.ts';
import { readActivity } from '../sample.ts';

/** SIGTERM to SIGKILL when memory or disk runs out: the host has not got the usual time. */
const EMERGENCY_GRACE_SECONDS = 2;

/** Stops a sandbox. A proposal of the reaper is decided again here, after a fresh reading, in the transaction that commits to it. */
export const stopHandler: JobHandler<'stop'> = {
  async run(context) {
    const { deps, claim } = context;
    const sandbox = loadSandbox(context);
    if (sandbox.state === 'stopped')
      return { status: sandbox.state, already: true };
    context.phase('decide');
    // What was asked for is not kept: the edge reads the gates while that is written.
    if (!isProposal(context)) await shut(context, sandbox);
    if (sandbox.state === 'running') {
      const kept = await commitToStop(context, sandbox);
      if (kept !== undefined) return { status: 'running', kept };
    }
    deps.reach('stop.decided');
    context.phase('gate');
    if (isProposal(context)) await shut(context, sandbox);
    context.phase('edge');
    const name = containerName(sandbox.id);
    const [seen] = await Promise.all([
      deps.docker.inspect(name),
      // Nobody is to meet a container that is about to go. The host cannot wait for that when its memory or disk runs out.
      isUrgent(context) ? undefined : deps.edge.read(sandbox),
    ]);
    deps.reach('stop.gated');
    context.phase('container');
    deps.store.jobs.assertHeld(claim);
    if (seen !== undefined)
      await Promise.all([
        // Its word is there some 15 ms before the Engine's signal, which comes in any case.
        seen.running && !seen.paused && deps.agents.end(sandbox.id),
        deps.docker.stop(
          name,
          isUrgent(context) ? EMERGENCY_GRACE_SECONDS : STOP_GRACE_SECONDS,
          seen,
        ),
      ]);
    deps.reach('stop.stopped');
    deps.agents.forget(sandbox.id);
    deps.edge.openLater(sandbox);
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

function shut(
  { deps, claim }: JobContext<'stop'>,
  sandbox: SandboxRecord,
): Promise<void> {
  deps.store.jobs.assertHeld(claim);
  return deps.edge.shut(sandbox);
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

/** Why a proposal is not followed any more. Inside the transaction that would follow it. */
function whyKept(context: JobContext<'stop'>): string | undefined {
  const { deps, job, payload } = context;
  const { store, now } = deps;
  if (!isProposal(context)) return undefined;
  const { id } = job;
  const sandbox = loadSandbox(context);
  const others = store.jobs
    .mailbox(sandbox.id)
    .filter((letter) => letter.id !== id).length;
  const pressed = payload.if_pressed;
  if (payload.if_full !== undefined)
    return whyKeptFull(context, sandbox, payload.if_full);
  if (pressed === undefined) {
    const decision = decideIdle(sandbox, others, now());
    return decision.stop ? undefined : decision.why;
  }
  const facts = {
    band: nextBand(store.pressure.get()?.band ?? 'normal', deps.hostMemory()),
    startsWaiting: store.starts.count(),
  };
  // What was ended for it would have been ended for nothing.
  if (
    isUrgent(context) &&
    (facts.band === 'emergency' || pressed.interrupted > 0)
  )
    return undefined;
  const decision = decidePressure(facts, sandbox, others, now());
  return decision.stop ? undefined : decision.why;
}

function whyKeptFull(
  { deps: { store } }: JobContext<'stop'>,
  { id, limits }: SandboxRecord,
  { whose, interrupted }: NonNullable<JobPayload<'stop'>['if_full']>,
): string | undefined {
  if (interrupted > 0) return undefined;
  if (whose === 'host')
    return (store.disk.space()?.shortSince ?? null) === null
      ? 'the host has room on its disk again'
      : undefined;
  const use = store.disk.get(id);
  return use === undefined || diskShare(use, diskLimit(limits)) < 1
    ? 'it is within its limit of disk again'
    : undefined;
}

function isProposal({ payload }: JobContext<'stop'>): boolean {
  const { if_idle, if_pressed, if_full } = payload;
  return (if_idle ?? if_pressed ?? if_full) !== undefined;
}

function isUrgent({ payload }: JobContext<'stop'>): boolean {
  return (
    payload.if_pressed?.band === 'emergency' || payload.if_full !== undefined
  );
}

function reasonOf({ payload }: JobContext<'stop'>): string {
  const { if_pressed: pressed, if_full: full } = payload;
  if (full !== undefined)
    return `${full.whose === 'sandbox' ? DISK_LIMIT_REASON : DISK_RESERVE_REASON} (${full.use})`;
  if (pressed === undefined)
    return payload.if_idle === undefined ? 'stopped on request' : 'idle';
  const left = `${String(pressed.available_mb)} of ${String(pressed.total_mb)} MiB were left`;
  return pressed.band === 'emergency'
    ? `${EMERGENCY_REASON} (${left})`
    : `idle, and the host was short of memory (${left})`;
}
