import type { JobPayload, SandboxRecord } from '@sandboxed/domain';
import {
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
import type { JobContext } from '../context.ts';

/** Why a proposal is not followed any more. Inside the transaction that would follow it. */
export function whyKept(context: JobContext<'stop'>): string | undefined {
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

/** Whether this was thought of by the reaper, and is not what somebody asked for. */
export function isProposal({ payload }: JobContext<'stop'>): boolean {
  const { if_idle, if_pressed, if_full } = payload;
  return (if_idle ?? if_pressed ?? if_full) !== undefined;
}

/** Whether the host cannot wait: its memory or a disk runs out. */
export function isUrgent({ payload }: JobContext<'stop'>): boolean {
  return (
    payload.if_pressed?.band === 'emergency' || payload.if_full !== undefined
  );
}

/** Why the sandbox is stopped, to whoever reads its row. */
export function reasonOf({ payload }: JobContext<'stop'>): string {
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
