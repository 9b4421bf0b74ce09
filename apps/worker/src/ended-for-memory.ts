import type { JobKind } from '@sandboxed/domain';
import { stopPayloadSchema } from '@sandboxed/domain';
import type { JobContext } from './context.ts';

/** Whether an emergency stop waits behind a job: that is why it was asked to end, then. */
export function isForMemory<K extends JobKind>({
  deps: { store },
  claim,
}: JobContext<K>): boolean {
  return store.jobs.mailbox(claim.sandboxId).some(({ id, kind }) => {
    if (kind !== 'stop') return false;
    const { if_pressed } = stopPayloadSchema.parse(store.jobs.get(id)?.payload);
    return if_pressed?.band === 'emergency';
  });
}
