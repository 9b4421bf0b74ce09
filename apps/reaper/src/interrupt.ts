import type { JobId, SandboxId } from '@sandboxed/domain';
import { activeWork, DomainError, toFailure } from '@sandboxed/domain';
import type { Store } from '@sandboxed/store';

/** A stop that does not wait for work. Inside a transaction. */
export interface Interruption {
  readonly sandboxId: SandboxId;
  readonly actor: string;
  /** What the users of the ended work are told. */
  readonly reason: string;
  /** Submits the stop, which is told how many jobs are ended for it. */
  readonly propose: (interrupted: number) => void;
  readonly now: number;
}

/** Submits the stop and ends the work that stands before it. Returns jobs whose workers are to be told. */
export function interrupt(
  store: Store,
  { sandboxId, actor, reason, propose, now }: Interruption,
): readonly JobId[] {
  const work = activeWork(store.jobs.mailbox(sandboxId));
  const error = toFailure(new DomainError('sandbox_not_running', reason));
  // First the stop, so that the work which is ended can tell what for.
  propose(work.length);
  return work.flatMap(({ id, status }) => {
    if (status === 'queued') {
      store.jobs.abandon(id, { status: 'failed', error }, now);
      return [];
    }
    store.jobs.requestCancel(id, { actor, now });
    return [id];
  });
}
