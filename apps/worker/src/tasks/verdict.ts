import type { TaskFailure, TaskPayload } from '@sandboxed/domain';
import { TASK_LIMITS } from '@sandboxed/domain';
import type { ProgramRun } from './run-program.ts';

/** Why a task failed, in words for the user. */
export interface Verdict {
  readonly reason: TaskFailure;
  readonly message: string;
}

const OUT_OF_MEMORY = 137;

/** Why a coding agent did not do its work; undefined when it says that it did. */
export function judge(
  { summary, process, cause }: ProgramRun,
  task: Pick<
    TaskPayload,
    'agent' | 'timeout_seconds' | 'idle_timeout_seconds' | 'max_steps'
  >,
): Verdict | undefined {
  const { agent } = task;
  const exitCode = process?.exit_code ?? -1;
  if (cause === 'cancelled')
    return { reason: cause, message: 'The task was cancelled.' };
  if (process?.error === 'sandbox_stopped')
    return {
      reason: 'sandbox_stopped',
      message: 'The sandbox stopped while the task ran. Send the task again.',
    };
  if (process?.truncated === true || cause === 'output_limit')
    return {
      reason: 'output_limit',
      message: `${agent} wrote more than ${TASK_LIMITS.outputBytes} bytes of output and was ended.`,
    };
  if (cause === 'agent_idle')
    return {
      reason: cause,
      message: `${agent} gave no sign of life for ${task.idle_timeout_seconds} s and was ended. The model may not answer; idle_timeout_seconds gives it longer.`,
    };
  if (cause === 'step_limit')
    return {
      reason: cause,
      message: `${agent} called the model more than ${task.max_steps} times and was ended. max_steps allows more.`,
    };
  if (cause === 'agent_loop')
    return {
      reason: cause,
      message: `${agent} repeated itself without getting on and was ended. The model's answers may be broken.`,
    };
  if (process?.timed_out === true)
    return {
      reason: 'agent_timeout',
      message: `${agent} was not done after ${task.timeout_seconds} s and was ended. timeout_seconds gives it longer.`,
    };
  if (summary.sessionUnknown)
    return {
      reason: 'agent_error',
      message: `The session that ${agent} was to continue is gone from the sandbox's home. Send the task again: it begins a new one.`,
    };
  if (summary.failure !== undefined) {
    const { reason, message } = summary.failure;
    return { reason, message };
  }
  if (exitCode === OUT_OF_MEMORY)
    return {
      reason: 'agent_error',
      message: `${agent} was killed, most likely because the sandbox ran out of memory. limits.memory_mb gives it more.`,
    };
  if (exitCode !== 0)
    return {
      reason: 'agent_error',
      message: process?.error ?? `${agent} ended with exit code ${exitCode}.`,
    };
  if (!summary.completed)
    return {
      reason: 'agent_error',
      message: `${agent} ended without saying that it was done.`,
    };
  return undefined;
}
