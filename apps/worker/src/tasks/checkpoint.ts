import type { FileChange, JobId } from '@sandboxed/domain';
import { DomainError } from '@sandboxed/domain';
import type { JobContext } from '../context.ts';
import { CHECKPOINT_SCRIPT, CHECKPOINTS_KEPT } from './checkpoint-script.ts';
import type { Step, StepEnd } from './run-step.ts';
import { runStep } from './run-step.ts';

const TIMEOUT_SECONDS = 120;
/** A cancelled task has ended within 10 s: what it changed is told if that is quickly found out. */
const CANCELLED_SECONDS = 2;
const NOT_KEPT = 3;

/** Records the app directory before a task; answers why it could not, if so. */
export async function recordBefore(
  context: JobContext<'task'>,
): Promise<string | undefined> {
  const argv = ['record', context.claim.jobId, 'before'];
  const end = await run(context, 'checkpoint', argv, { cancellable: true });
  return end.exitCode === 0 ? undefined : reason(end);
}

/** What changed in the app directory since {@link recordBefore}; undefined when that cannot be told. */
export async function changesSince(
  context: JobContext<'task'>,
): Promise<FileChange[] | undefined> {
  const argv = ['record', context.claim.jobId, 'after'];
  const isCancelled = context.signal.reason === 'cancelled';
  const end = await run(context, 'changes', argv, {
    ...(isCancelled && { timeoutSeconds: CANCELLED_SECONDS }),
  });
  return end.exitCode === 0 ? parseChanges(end.stdout) : undefined;
}

/** Brings the app directory back to the state before a task. Throws `checkpoint_not_found`. */
export async function revertTo(
  context: JobContext<'revert'>,
  task: JobId,
): Promise<FileChange[]> {
  const end = await run(context, 'self', ['revert', task]);
  if (end.exitCode === NOT_KEPT)
    throw new DomainError(
      'checkpoint_not_found',
      `The checkpoint of task ${task} is not kept any more (the last ${CHECKPOINTS_KEPT} are), or was never made.`,
    );
  if (end.exitCode !== 0)
    throw new DomainError(
      'internal',
      `The app directory could not be brought back: ${reason(end)}`,
    );
  return parseChanges(end.stdout);
}

function run(
  context: JobContext<'task'> | JobContext<'revert'>,
  name: Step['name'],
  argv: readonly string[],
  limits: Partial<Pick<Step, 'cancellable' | 'timeoutSeconds'>> = {},
): Promise<StepEnd> {
  return runStep(context, {
    name,
    cmd: ['bash', '-c', CHECKPOINT_SCRIPT, 'checkpoint', ...argv],
    timeoutSeconds: TIMEOUT_SECONDS,
    cancellable: false,
    ...limits,
  });
}

function reason({ stderr, timedOut, exitCode }: StepEnd): string {
  if (timedOut) return `it took longer than ${TIMEOUT_SECONDS} s`;
  const words = stderr.trim().split('\n').slice(-3).join(' ').slice(-500);
  return words === '' ? `exit code ${exitCode}` : words;
}

const KINDS: Readonly<Record<string, FileChange['change']>> = {
  A: 'added',
  M: 'modified',
  T: 'modified',
  D: 'deleted',
};

/** Pairs of status and path, each ended by NUL. */
export function parseChanges(text: string): FileChange[] {
  const parts = text.split('\0');
  const changes: FileChange[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const change = KINDS[parts[at] ?? ''];
    const path = parts[at + 1] ?? '';
    if (change !== undefined && path !== '') changes.push({ path, change });
  }
  return changes;
}
