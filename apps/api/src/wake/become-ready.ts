import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { AgentError } from '@sandboxed/agent';
import type { JobId } from '@sandboxed/domain';
import { DomainError, gateFile, isFinished, JOBS } from '@sandboxed/domain';
import { failureOf } from '../http/problem.ts';
import type { ApiDeps } from '../http/route.ts';
import type { Target } from './target.ts';
import { ensureStarting } from './target.ts';
import type { WakeOutcome } from './wake-figures.ts';

/** How long a request is held for a start, which may have to wait for memory first, and then for the app to listen. */
const START_SECONDS = 120;
const LISTEN_MS = 60_000;
const SLICE_MS = 2_000;

/** Resolves when the app's port answers and its gate is open, after the job that `begin` names. Throws the start's failure, or `timed_out` when nothing listens. */
export async function becomeReady(
  deps: ApiDeps,
  target: Target,
  gone: AbortSignal,
  begin: typeof ensureStarting = ensureStarting,
): Promise<void> {
  const startedAt = performance.now();
  const observe = (outcome: WakeOutcome): void => {
    deps.wakeFigures.observe(outcome, (performance.now() - startedAt) / 1_000);
  };
  try {
    await awaken(deps, target, gone, begin);
    observe('ready');
  } catch (error) {
    observe(gone.aborted ? 'gone' : 'failed');
    throw error;
  }
}

async function awaken(
  deps: ApiDeps,
  target: Target,
  gone: AbortSignal,
  begin: typeof ensureStarting,
): Promise<void> {
  const jobId = begin(deps, target);
  deps.reach('wake.submitted');
  if (jobId !== undefined) await awaitStart(deps, jobId, gone);
  await listening(deps, target, gone);
  deps.reach('wake.listening');
  openGate(deps, target);
  deps.reach('wake.opened');
}

/** Resolves when the start has ended well. Throws its failure; `no_capacity` or `timed_out` when it is still under way. */
export async function awaitStart(
  deps: ApiDeps,
  jobId: JobId,
  gone: AbortSignal,
): Promise<void> {
  const job = await deps.hub.waitFor(jobId, START_SECONDS, gone);
  if (job.error !== null) throw failureOf(job.error);
  if (!isFinished(job.status))
    throw stillUnderWay(deps.store.starts.isWaiting(jobId));
}

function stillUnderWay(isWaiting: boolean): DomainError {
  return isWaiting
    ? new DomainError(
        'no_capacity',
        'The host has too little memory left to start this sandbox now. It goes on waiting for a while; try again later.',
        { retryAfterSeconds: 30 },
      )
    : new DomainError(
        'timed_out',
        'The sandbox is still starting. Try again in a moment.',
        { retryAfterSeconds: 5 },
      );
}

/** Without a pause between look and act: a stop that begins later closes the gate again. */
function openGate(
  { store, config }: ApiDeps,
  { sandbox: { id }, port }: Target,
): void {
  if (store.sandboxes.get(id)?.state !== 'running') return;
  const changing = store.jobs
    .mailbox(id)
    .some(({ kind }) => JOBS[kind].class === 'lifecycle');
  if (changing) return;
  rmSync(gateFile(config.SANDBOXED_DATA_DIR, id, port), { force: true });
}

async function listening(
  deps: ApiDeps,
  { sandbox, port }: Target,
  gone: AbortSignal,
): Promise<void> {
  const client = deps.agent(sandbox.id);
  const deadline = performance.now() + LISTEN_MS;
  while (performance.now() < deadline) {
    gone.throwIfAborted();
    try {
      if (await client.waitPort(port, { timeoutMs: SLICE_MS, signal: gone }))
        return;
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      if (deps.store.sandboxes.get(sandbox.id)?.state !== 'running')
        throw new DomainError(
          'sandbox_not_running',
          'The sandbox stopped again while it woke.',
          {
            cause: error,
          },
        );
      await pause(200, undefined, { signal: gone });
    }
  }
  throw new DomainError(
    'timed_out',
    `The sandbox runs, but nothing in it listens on port ${port}. Declare a web server as its service: PUT /v1/sandboxes/${sandbox.id}/services/web {"command": "…", "port": ${port}}, listening on 0.0.0.0.`,
  );
}
