import { setTimeout as pause } from 'node:timers/promises';
import { LONG_PROCESS } from '../programs.ts';
import type { Operation } from '../operation.ts';
import type { Subject } from '../record.ts';
import type { Session, Submitted } from '../session.ts';
import { ask, submit, waitForEnd } from '../session.ts';

/** What a command does after it left its mark. */
const SHELLS = [
  'true',
  'sleep 0.5; echo out; echo err >&2',
  'yes torture | head -c 30000',
  'exit 3',
  `for i in 1 2 3 4 5 6; do echo $i; sleep 0.5; done`,
  `(exec -a ${LONG_PROCESS} sleep 8)`,
] as const;

/** A command that leaves its mark first. */
export async function exec(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  const { kind, client, serial, dice } = operation;
  const mark = `${client}-${serial}`;
  const background = kind === 'background';
  const rest = SHELLS[Math.floor(dice[0] * SHELLS.length)] ?? 'true';
  const submitted = await submit(session, operation, 'exec', {
    method: 'POST',
    path: `/sandbox/${subject.id}/exec`,
    body: {
      shell: `echo ${mark} >> ../marks; ${background ? 'sleep 1' : rest}`,
      ...(background && { background }),
      ...(dice[1] < 0.1 && { timeout_seconds: 2 }),
    },
    key: mark,
    hangUpMs: dice[1] > 0.9 ? 5 + dice[2] * 100 : undefined,
    subject,
  });
  mustLeave(session, subject, '../marks', mark, submitted);
  if (submitted.outcome !== 'accepted') return;
  const { jobId } = submitted;
  if (dice[2] < 0.15) await cancelSoon(session, operation, subject, jobId);
  if (kind === 'exec_waited')
    await waitForEnd(session, operation, subject, jobId, 30_000);
}

/** Cancels a job of one's own: at once, or when it may have begun. */
async function cancelSoon(
  session: Session,
  operation: Operation,
  subject: Subject,
  jobId: string,
): Promise<void> {
  const { client, serial, dice } = operation;
  await pause(Math.floor(dice[3] ** 2 * 4_000));
  await ask(session, operation, {
    method: 'POST',
    path: `/v1/jobs/${jobId}/cancel`,
    key: `${client}-${serial}-cancel`,
    subject,
  });
}

function mustLeave(
  { record }: Session,
  { id: sandboxId }: Subject,
  file: string,
  mark: string,
  submitted: Submitted,
): void {
  if (submitted.outcome === 'refused')
    record.refused.push({ sandboxId, file, line: mark });
  else
    record.told.marks.push({
      ...{ mark, file, sandboxId },
      jobId: submitted.outcome === 'accepted' ? submitted.jobId : undefined,
    });
}

/** What a task or a revert changed is served by then: its own time, a lease and some queueing. Milliseconds. */
const RESTART_MS = 90_000;

/** A task of the fake agent. */
export async function task(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  // Else the agent of the image would ask for a model.
  if (!subject.isEquipped) return;
  const { client, serial, dice } = operation;
  const how = dice[0] < 0.25 ? 'slow' : dice[0] < 0.35 ? 'fail' : 'quick';
  const mark = `task-${client}-${serial}-${how}`;
  subject.mayRestartUntil = performance.now() + RESTART_MS;
  const submitted = await submit(session, operation, 'task', {
    method: 'POST',
    path: `/v1/sandboxes/${subject.id}/tasks`,
    body: {
      agent: 'codex',
      prompt: mark,
      timeout_seconds: 60,
      env: { OPENAI_API_KEY: 'none' },
    },
    key: mark,
    hangUpMs: dice[1] > 0.9 ? 5 + dice[2] * 100 : undefined,
    subject,
  });
  mustLeave(session, subject, '../ran', mark, submitted);
  if (submitted.outcome !== 'accepted') return;
  const { jobId } = submitted;
  if (dice[2] < 0.2) await cancelSoon(session, operation, subject, jobId);
  if (dice[2] < 0.6)
    await waitForEnd(session, operation, subject, jobId, 30_000);
}

/** Takes the app directory back to before one of its tasks. */
export async function revert(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  const { client, serial, dice } = operation;
  const taskId = subject.tasks[Math.floor(dice[0] * subject.tasks.length)];
  if (taskId === undefined) return;
  subject.isDisturbed = true;
  subject.mayRestartUntil = performance.now() + RESTART_MS;
  subject.files.clear();
  const submitted = await submit(session, operation, 'revert', {
    method: 'POST',
    path: `/v1/sandboxes/${subject.id}/tasks/${taskId}/revert`,
    key: `${client}-${serial}`,
    subject,
  });
  if (submitted.outcome === 'accepted')
    await waitForEnd(session, operation, subject, submitted.jobId, 20_000);
}

/** Cancels one of the last jobs, whatever it is and however far. */
export async function cancel(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  const { client, serial, dice } = operation;
  const recent = subject.jobs.slice(-5);
  const jobId = recent[Math.floor(dice[0] * recent.length)];
  if (jobId === undefined) return;
  await ask(session, operation, {
    method: 'POST',
    path: `/v1/jobs/${jobId}/cancel`,
    key: `${client}-${serial}`,
    subject,
  });
}
