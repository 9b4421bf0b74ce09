import type { JobId } from './ids.ts';
import type { JobKind, JobStatus } from './job.ts';
import { JOBS } from './job.ts';
import type { SandboxState } from './sandbox.ts';

/** One unfinished job of a sandbox, as the mailbox sees it. */
export interface Letter {
  readonly id: JobId;
  readonly kind: JobKind;
  readonly status: Extract<JobStatus, 'queued' | 'running'>;
}

/**
 * Which queued jobs of one sandbox may run now. `mailbox` holds its unfinished jobs, oldest first.
 * A lifecycle job waits for everything before it; anything else waits for the lifecycle jobs before it, and a task
 * for the tasks before it: two agents at once in one app directory would undo each other's work.
 */
export function runnable(mailbox: readonly Letter[]): readonly JobId[] {
  const ready: JobId[] = [];
  let lifecycleAhead = false;
  let taskAhead = false;
  for (const [index, letter] of mailbox.entries()) {
    const jobClass = JOBS[letter.kind].class;
    const isLifecycle = jobClass === 'lifecycle';
    const isTask = jobClass === 'task';
    const free = isLifecycle
      ? index === 0
      : !lifecycleAhead && !(isTask && taskAhead);
    if (free && letter.status === 'queued') ready.push(letter.id);
    if (isLifecycle) lifecycleAhead = true;
    if (isTask) taskAhead = true;
  }
  return ready;
}

/** Whether the sandbox will run once the lifecycle jobs already in its mailbox are done. */
export function willRun(
  state: SandboxState,
  mailbox: readonly Letter[],
): boolean {
  let up = state === 'running' || state === 'creating' || state === 'starting';
  for (const { kind } of mailbox) {
    if (kind === 'create' || kind === 'start') up = true;
    if (kind === 'stop' || isRemoval(kind)) up = false;
  }
  return up;
}

/** Jobs after which nothing of the sandbox runs. */
export function isRemoval(kind: JobKind): boolean {
  return kind === 'delete' || kind === 'purge';
}

/** Whether a delete or purge is on its way: nothing may be queued behind it but another purge. */
export function willVanish(
  state: SandboxState,
  mailbox: readonly Letter[],
): boolean {
  let gone = state === 'deleting' || state === 'deleted';
  for (const { kind } of mailbox) {
    if (kind === 'create') gone = false;
    if (isRemoval(kind)) gone = true;
  }
  return gone;
}

/** Jobs that keep a sandbox awake and make a plain stop answer `busy`. */
export function activeWork(mailbox: readonly Letter[]): readonly Letter[] {
  return mailbox.filter((letter) => JOBS[letter.kind].class !== 'lifecycle');
}

/** A sandbox with this many unfinished jobs takes no more: what waits among them is found by reading all. */
export const MAX_UNFINISHED_JOBS = 500;
