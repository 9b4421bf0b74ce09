import type { HostMemory, WaitingStart } from '@sandboxed/domain';
import {
  DomainError,
  freeForStartsMb,
  isRemoval,
  MAX_WAITING_STARTS,
  nextStarts,
  noCapacity,
  startCostMb,
  toFailure,
  transition,
} from '@sandboxed/domain';
import { Deferred, loadSandbox } from '@sandboxed/jobs';
import type { JobContext, WorkerDeps } from './context.ts';

export type StartContext = JobContext<'create'> | JobContext<'start'>;
type AdmissionDeps = Pick<
  WorkerDeps,
  'store' | 'hostMemory' | 'now' | 'startWaitMs'
>;

const REASON = 'started on request';

/**
 * Sees to it that memory is held for a claimed start; one that was admitted earlier holds it still. Every start goes through the
 * queue, so that none overtakes those that wait. Throws {@link Deferred} when it has to wait: its job is back in the queue then.
 * Throws `no_capacity` when too many wait already, or when a stop or a removal would have to wait behind it.
 */
export function holdMemory(context: StartContext): void {
  const { deps, claim, job } = context;
  const { store } = deps;
  const isAdmitted = store.transaction(() => {
    store.jobs.assertHeld(claim);
    const sandbox = loadSandbox(context);
    if (sandbox.reserved_mb > 0) return true;
    if (sandbox.state !== 'creating' && sandbox.state !== 'starting')
      transition(sandbox.state, 'start');
    const host = deps.hostMemory();
    if (store.starts.count() >= MAX_WAITING_STARTS) throw noCapacity(host, 0);
    const now = deps.now();
    store.starts.enter({
      jobId: job.id,
      sandboxId: sandbox.id,
      tenant: sandbox.tenant,
      costMb: startCostMb(sandbox.limits.memory_mb),
      waitingSince: now,
    });
    admit(deps, host);
    if (!store.starts.isWaiting(job.id)) return true;
    if (isEndBehind(context)) throw notWorthWaiting();
    store.starts.defer(claim, now);
    return false;
  });
  if (!isAdmitted) throw new Deferred();
}

/** It may have been asked for while this start was claimed, or behind an earlier one that was taken back. */
function isEndBehind({ deps, claim }: StartContext): boolean {
  return deps.store.jobs
    .mailbox(claim.sandboxId)
    .some(({ kind }) => kind === 'stop' || isRemoval(kind));
}

function notWorthWaiting(): DomainError {
  return new DomainError(
    'no_capacity',
    'The host has too little memory left to start this sandbox now, and it is to be stopped or deleted next.',
  );
}

/**
 * Lets those of the waiting starts go on that memory allows, and gives up those that waited for too long. Called whenever memory
 * may have come free; it is one transaction, so that workers that do it at once never promise the same memory twice.
 */
export function admitWaiting(deps: AdmissionDeps): void {
  const { store } = deps;
  if (store.starts.count() === 0) return;
  store.transaction(() => {
    const host = deps.hostMemory();
    admit(deps, host);
    const now = deps.now();
    for (const start of store.starts.waiting()) {
      const waitedMs = now - start.waitingSince;
      // One that waits since later is from before the clock was set back: nobody is to wait for as long as that.
      if (waitedMs >= deps.startWaitMs || waitedMs < -deps.startWaitMs)
        giveUp(deps, start, host);
    }
  });
}

/** Inside a transaction. */
function admit({ store, now }: AdmissionDeps, host: HostMemory): void {
  const free = freeForStartsMb(host, store.sandboxes.reservedMb());
  const admitted = nextStarts(
    store.starts.waiting(),
    store.starts.turns(),
    free,
  );
  for (const start of admitted)
    store.starts.admit(start, { reason: REASON, now: now() });
}

/** A sandbox that slept sleeps on; one that was never made says why. */
function giveUp(
  { store, now, startWaitMs }: AdmissionDeps,
  { jobId, sandboxId }: WaitingStart,
  host: HostMemory,
): void {
  const error = toFailure(noCapacity(host, Math.round(startWaitMs / 1_000)));
  const job = store.jobs.abandon(jobId, { status: 'failed', error }, now());
  if (store.sandboxes.get(sandboxId)?.state !== 'creating') return;
  store.sandboxes.transition(sandboxId, 'fail', {
    actor: job.requested_by,
    reason: error.message,
    error,
    now: now(),
  });
}
