import type { AgentReader, AgentSummary } from '@sandboxed/coding-agents';
import type { FileChange, TaskFailure, TaskResult } from '@sandboxed/domain';
import { isRemoval, NO_TOKENS, toFailure } from '@sandboxed/domain';
import { FailedWithResult, whyEnded } from '@sandboxed/jobs';
import type { JobContext } from '../context.ts';
import type { Verdict } from './verdict.ts';

const MAX_FILES = 1_000;

/** Collects what a task comes to. */
export interface TaskReport {
  add(part: Partial<TaskResult>): void;
  /** Whose words, tokens and session the result has. */
  follow(reader: AgentReader): void;
  readonly summary: AgentSummary | undefined;
  /** `undefined`: it cannot be told. */
  changed(files: readonly FileChange[] | undefined): void;
  /** The first failure stays. */
  fail(verdict: Verdict): void;
  /** The result of a task that succeeded. Throws {@link FailedWithResult} for any other. */
  end(): TaskResult;
}

export function createReport(context: JobContext<'task'>): TaskReport {
  const { deps, job, signal } = context;
  let verdict: Verdict | undefined;
  let reader: AgentReader | undefined;
  let result: TaskResult = {
    status: 'succeeded',
    files_changed: [],
    build_status: 'skipped',
    preview: { status: 'skipped' },
    tokens: NO_TOKENS,
    duration_ms: 0,
  };
  const add = (part: Partial<TaskResult>): void => {
    result = { ...result, ...part };
  };
  const fail = (reason: Verdict): void => {
    verdict ??= reason;
  };
  return {
    add,
    fail,
    follow(followed) {
      reader = followed;
    },
    get summary() {
      return reader?.summary;
    },
    changed(files) {
      if (files === undefined) return;
      add({
        files_changed: files.slice(0, MAX_FILES),
        ...(files.length > MAX_FILES && { files_truncated: true }),
      });
    },
    end() {
      if (signal.reason === 'cancelled') verdict = cancelled(context);
      if (reader !== undefined) add(said(reader.summary));
      add({ duration_ms: deps.now() - (job.started_at ?? job.created_at) });
      if (verdict === undefined) return result;
      // Nobody cancelled what had to end for want of memory or disk.
      const isCancelled =
        signal.reason === 'cancelled' && whyEnded(context) === undefined;
      throw new FailedWithResult(
        isCancelled ? 'cancelled' : 'task_failed',
        verdict.message,
        {
          ...result,
          status: isCancelled ? 'cancelled' : 'failed',
          failure_reason: verdict.reason,
          error_message: verdict.message,
        } satisfies TaskResult,
      );
    },
  };
}

function said({
  finalMessage,
  session,
  tokens,
  costUsd,
}: AgentSummary): Partial<TaskResult> {
  return {
    tokens,
    ...(finalMessage !== undefined && { agent_message_final: finalMessage }),
    ...(session !== undefined && { session_id: session.id }),
    ...(costUsd !== undefined && { cost_usd: costUsd }),
  };
}

/** A forced stop or a removal ends a task by cancelling it: the jobs behind it tell. */
function cancelled(context: JobContext<'task'>): Verdict {
  const why = whyEnded(context);
  if (why !== undefined) return { reason: 'sandbox_stopped', message: why };
  const { deps, claim } = context;
  const isStopped = deps.store.jobs
    .mailbox(claim.sandboxId)
    .some(({ kind }) => isRemoval(kind) || kind === 'stop');
  return isStopped
    ? {
        reason: 'sandbox_stopped',
        message: 'The sandbox was stopped while the task ran.',
      }
    : { reason: 'cancelled', message: 'The task was cancelled.' };
}

const REASONS: Partial<Record<string, TaskFailure>> = {
  sandbox_not_running: 'sandbox_stopped',
  sandbox_not_found: 'sandbox_stopped',
  worker_lost: 'worker_lost',
  timed_out: 'agent_timeout',
};

/** What an error in the middle of a task means for its result; undefined when the job is not ours any more. */
export function verdictOf(
  { signal, deps, claim }: JobContext<'task'>,
  error: unknown,
): Verdict | undefined {
  const { code, message } = toFailure(error);
  const isOurs = !signal.aborted || signal.reason === 'cancelled';
  if (!isOurs || code === 'stale_write') return undefined;
  deps.logger.warn({ err: error, jobId: claim.jobId }, 'task broke off');
  return { reason: REASONS[code] ?? 'agent_error', message };
}
