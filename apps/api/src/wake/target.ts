import type { JobId, SandboxRecord } from '@sandboxed/domain';
import {
  DomainError,
  ERROR_CODES,
  jobIdSchema,
  JOBS,
  parsePreviewHost,
  willRun,
  willVanish,
} from '@sandboxed/domain';
import { z } from 'zod';
import { failureOf } from '../http/problem.ts';
import { beforeChange } from '../http/quota.ts';
import type { ApiDeps } from '../http/route.ts';

const errorCodeSchema = z.enum(ERROR_CODES).catch('start_failed');

/** A sandbox and the port of it that a preview host names. */
export interface Target {
  readonly sandbox: SandboxRecord;
  readonly port: number;
}

/**
 * What a Host header names. Throws `sandbox_not_found` or `not_found`; knows nothing of the API's routes. Of a private sandbox it tells
 * nobody which ports there are: no pass is ever made for one that it does not publish.
 */
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
  if (sandbox.visibility === 'public' && !sandbox.ports.includes(named.port))
    throw new DomainError(
      'not_found',
      `This sandbox does not publish port ${named.port}.`,
    );
  return { sandbox, port: named.port };
}

/**
 * Makes sure that the sandbox runs or is about to, with one job however many requests ask. Answers the job to wait for, if any.
 * Throws `quota_exceeded`, and leaves no job, when its owner runs as much as it may;
 * `sandbox_not_running` when its owner stopped it and waking is manual, `sandbox_not_found` when it is going away.
 */
export function ensureStarting(
  deps: ApiDeps,
  target: Target,
): JobId | undefined {
  const { store, now } = deps;
  return store.transaction(() => {
    const { sandbox, up, jobId } = outlook(deps, target);
    store.sandboxes.touch(sandbox.id, now());
    if (up) return jobId;
    if (sandbox.wake === 'manual')
      throw new DomainError(
        'sandbox_not_running',
        'This sandbox sleeps and its owner chose to wake it by hand.',
      );
    const id = jobIdSchema.parse(deps.newId());
    const assertWithin = beforeChange(deps, sandbox.tenant);
    store.jobs.submit({
      id,
      sandboxId: sandbox.id,
      kind: 'start',
      payload: {},
      requestedBy: 'wake',
      now: now(),
    });
    forVisitors(assertWithin);
    return id;
  });
}

/** What the owner has and may have is not the visitors' to know. */
function forVisitors(assertWithin: () => void): void {
  try {
    assertWithin();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new DomainError(
      'quota_exceeded',
      'This app sleeps, and its owner runs as much as the quota allows. Try again later.',
      { cause: error },
    );
  }
}

/**
 * The job that a waiting page waits for, if any: it starts nothing and keeps nothing awake, or an open tab would do so for ever.
 * Throws why the sandbox did not start, `sandbox_not_running` when it sleeps again.
 */
export function startUnderWay(
  deps: ApiDeps,
  target: Target,
): JobId | undefined {
  const { sandbox, up, jobId } = outlook(deps, target);
  if (up) return jobId;
  if (sandbox.state === 'error')
    throw new DomainError(
      errorCodeSchema.parse(sandbox.error_code),
      sandbox.error_message ?? 'The sandbox did not start.',
    );
  // A start that found no memory leaves the sandbox as it was.
  const [start] = deps.store.jobs.list({
    sandboxId: sandbox.id,
    kind: 'start',
    limit: 1,
  }).items;
  if (start?.error?.code === 'no_capacity') throw failureOf(start.error);
  throw new DomainError(
    'sandbox_not_running',
    'This sandbox sleeps again. Reload the page to wake it.',
  );
}

/** Whether the sandbox is going to run, and the last job that decides it. Throws `sandbox_not_found` when it is going away. */
function outlook({ store }: ApiDeps, { sandbox: { id } }: Target) {
  const sandbox = store.sandboxes.get(id);
  const mailbox = store.jobs.mailbox(id);
  if (sandbox === undefined || willVanish(sandbox.state, mailbox))
    throw new DomainError(
      'sandbox_not_found',
      'This sandbox is being deleted.',
    );
  const lifecycle = mailbox.filter(
    ({ kind }) => JOBS[kind].class === 'lifecycle',
  );
  return {
    sandbox,
    up: willRun(sandbox.state, mailbox),
    jobId: lifecycle.at(-1)?.id,
  };
}
