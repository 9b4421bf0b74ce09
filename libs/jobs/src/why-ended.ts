import type { JobKind } from '@sandboxed/domain';
import {
  DISK_LIMIT_REASON,
  DISK_RESERVE_REASON,
  EMERGENCY_REASON,
  stopPayloadSchema,
} from '@sandboxed/domain';
import type { JobContext } from './context.ts';

/** Why a job was asked to end that nobody cancelled: a stop for memory or for disk waits behind it. Undefined for none. */
export function whyEnded<K extends JobKind>({
  deps: { store },
  claim,
}: JobContext<K>): string | undefined {
  for (const { id, kind } of store.jobs.mailbox(claim.sandboxId)) {
    if (kind !== 'stop') continue;
    const { if_pressed, if_full } = stopPayloadSchema.parse(
      store.jobs.get(id)?.payload,
    );
    if (if_pressed?.band === 'emergency') return EMERGENCY_REASON;
    if (if_full !== undefined)
      return if_full.whose === 'sandbox'
        ? DISK_LIMIT_REASON
        : DISK_RESERVE_REASON;
  }
  return undefined;
}
