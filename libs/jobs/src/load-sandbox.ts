import type { JobKind, SandboxRecord } from '@sandboxed/domain';
import { DomainError } from '@sandboxed/domain';
import type { JobContext } from './context.ts';

/** The sandbox of a job as it is now. Throws `sandbox_not_found`. */
export function loadSandbox<K extends JobKind>(
  context: JobContext<K>,
): SandboxRecord {
  const sandbox = context.deps.store.sandboxes.get(context.claim.sandboxId);
  if (sandbox === undefined)
    throw new DomainError(
      'sandbox_not_found',
      `There is no sandbox ${context.claim.sandboxId}.`,
    );
  return sandbox;
}

/**
 * Like {@link loadSandbox}, but throws `sandbox_not_running` with the reason unless it runs; `no_capacity` when the start that was
 * made for the job found no memory, which leaves the sandbox asleep.
 */
export function loadRunning<K extends JobKind>(
  context: JobContext<K>,
): SandboxRecord {
  const sandbox = loadSandbox(context);
  if (sandbox.state === 'stopped') refuseForMemory(context);
  if (sandbox.state !== 'running')
    throw new DomainError(
      'sandbox_not_running',
      `The sandbox is ${sandbox.state}${sandbox.error_message === null ? '' : `: ${sandbox.error_message}`}`,
    );
  return sandbox;
}

function refuseForMemory<K extends JobKind>({
  deps: { store },
  claim,
  job,
}: JobContext<K>): void {
  const [start] = store.jobs.list({
    sandboxId: claim.sandboxId,
    kind: 'start',
    limit: 1,
  }).items;
  const error = start?.error;
  const isSince = (start?.finished_at ?? 0) >= job.created_at;
  if (error?.code === 'no_capacity' && isSince)
    throw new DomainError(error.code, error.message);
}
