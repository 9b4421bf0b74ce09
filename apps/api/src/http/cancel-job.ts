import type { JobRecord, SandboxId, SandboxRecord } from '@sandboxed/domain';
import {
  activeWork,
  DomainError,
  isFinished,
  JOBS,
  toFailure,
} from '@sandboxed/domain';
import type { ApiDeps } from './route.ts';

/** What a cancel works with, and who asks for it. */
interface Canceller {
  readonly deps: Pick<ApiDeps, 'store' | 'logger' | 'now'> & {
    readonly bus: Pick<ApiDeps['bus'], 'publishCancel'>;
  };
  readonly actor: string;
}

/**
 * Cancels a job that waits, asks one that runs to end. Inside `commit`.
 * Throws `job_finished`; `not_cancellable` for work on the sandbox itself, which would be left half made.
 */
export function cancelJob(
  { deps, actor }: Canceller,
  { id, kind, status }: JobRecord,
): void {
  const { store, bus, logger, now } = deps;
  if (JOBS[kind].class === 'lifecycle' && !isFinished(status))
    throw new DomainError(
      'not_cancellable',
      `Job ${id} is a ${kind}: it goes to its end, so that the sandbox is never left between two states. Wait for it, then ask for what you want instead.`,
    );
  const outcome = store.jobs.requestCancel(id, { actor, now: now() });
  if (outcome === 'finished')
    throw new DomainError('job_finished', `Job ${id} has ${status} already.`);
  if (outcome === 'requested')
    bus.publishCancel(id).catch((error: unknown) => {
      logger.debug(
        { err: error },
        'the worker sees the cancel at its next renewal',
      );
    });
}

/** Ends what stands before a stop or a removal: commands, and a start that waits for memory. Inside `commit`. */
export function cancelWork(call: Canceller, { id }: SandboxRecord): void {
  const { jobs } = call.deps.store;
  cancelWaitingStart(call, id);
  for (const letter of activeWork(jobs.mailbox(id))) {
    const job = jobs.get(letter.id);
    if (job !== undefined) cancelJob(call, job);
  }
}

/** Nothing was begun, so nothing is left half made. A sandbox that slept sleeps on; one that was never made says why. */
function cancelWaitingStart({ deps, actor }: Canceller, id: SandboxId): void {
  const { store, now } = deps;
  const waiting = store.jobs
    .mailbox(id)
    .find((letter) => store.starts.isWaiting(letter.id));
  if (waiting === undefined) return;
  store.jobs.requestCancel(waiting.id, { actor, now: now() });
  if (store.sandboxes.get(id)?.state !== 'creating') return;
  const error = toFailure(
    new DomainError(
      'cancelled',
      `Not made: ${actor} took it back while it waited for memory.`,
    ),
  );
  store.sandboxes.transition(id, 'fail', {
    actor,
    reason: error.message,
    error,
    now: now(),
  });
}
