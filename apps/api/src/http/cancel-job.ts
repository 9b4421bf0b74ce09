import type { JobRecord } from '@sandboxed/domain';
import { DomainError } from '@sandboxed/domain';
import type { Call } from './route.ts';

/** Cancels a job that waits, asks one that runs to end. Throws `job_finished`. Inside `commit`. */
export function cancelJob(
  { deps, actor }: Pick<Call, 'deps' | 'actor'>,
  { id, status }: JobRecord,
): void {
  const { store, bus, logger, now } = deps;
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
