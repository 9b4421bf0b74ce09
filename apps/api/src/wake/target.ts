import type { JobId, SandboxRecord } from '@sandboxed/domain';
import {
  DomainError,
  jobIdSchema,
  JOBS,
  parsePreviewHost,
  willRun,
  willVanish,
} from '@sandboxed/domain';
import type { ApiDeps } from '../http/route.ts';

/** A sandbox and the port of it that a preview host names. */
export interface Target {
  readonly sandbox: SandboxRecord;
  readonly port: number;
}

/** What a Host header names. Throws `sandbox_not_found` or `not_found`; knows nothing of the API's routes. */
export function targetOf({ store, config }: ApiDeps, host: string): Target {
  const named = parsePreviewHost(host, config.PREVIEW_DOMAIN);
  if (named === undefined)
    throw new DomainError('not_found', 'This is not the address of a preview.');
  const sandbox = store.sandboxes.get(named.id);
  if (sandbox === undefined || sandbox.state === 'deleted')
    throw new DomainError(
      'sandbox_not_found',
      'There is no such sandbox. It may have been deleted.',
    );
  if (!sandbox.ports.includes(named.port))
    throw new DomainError(
      'not_found',
      `This sandbox does not publish port ${named.port}.`,
    );
  return { sandbox, port: named.port };
}

/**
 * Makes sure that the sandbox runs or is about to, with one job however many requests ask. Answers the job to wait for, if any.
 * Throws `sandbox_not_running` when its owner stopped it and waking is manual, `sandbox_not_found` when it is going away.
 */
export function ensureStarting(
  deps: ApiDeps,
  { sandbox: { id } }: Target,
): JobId | undefined {
  const { store, now } = deps;
  return store.transaction(() => {
    const sandbox = store.sandboxes.get(id);
    const mailbox = store.jobs.mailbox(id);
    if (sandbox === undefined || willVanish(sandbox.state, mailbox))
      throw new DomainError(
        'sandbox_not_found',
        'This sandbox is being deleted.',
      );
    store.sandboxes.touch(id, now());
    const lifecycle = mailbox.filter(
      ({ kind }) => JOBS[kind].class === 'lifecycle',
    );
    if (willRun(sandbox.state, mailbox)) return lifecycle.at(-1)?.id;
    if (sandbox.wake === 'manual')
      throw new DomainError(
        'sandbox_not_running',
        'This sandbox sleeps and its owner chose to wake it by hand.',
      );
    const jobId = jobIdSchema.parse(deps.newId());
    store.jobs.submit({
      id: jobId,
      sandboxId: id,
      kind: 'start',
      payload: {},
      requestedBy: 'wake',
      now: now(),
    });
    return jobId;
  });
}
