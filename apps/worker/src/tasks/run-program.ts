import type { ProcessState } from '@sandboxed/agent';
import type { AgentReader, AgentSummary } from '@sandboxed/coding-agents';
import type { TaskFailure, TaskPayload } from '@sandboxed/domain';
import { TASK_LIMITS } from '@sandboxed/domain';
import type { JobContext } from '../context.ts';
import { END_GRACE_MS, followProcess } from '../follow-process.ts';
import { createProgramEnd } from './end-program.ts';
import type { TaskRecorder } from './recorder.ts';
import { withoutCancel } from './without-cancel.ts';

/** Why we ended a program. `provider`: its summary says what no retry will mend. */
export type EndCause =
  | Extract<
      TaskFailure,
      'cancelled' | 'agent_idle' | 'agent_loop' | 'step_limit' | 'output_limit'
    >
  | 'provider';

/** How a run of a coding agent ended. */
export interface ProgramRun {
  readonly summary: AgentSummary;
  readonly process: ProcessState;
  readonly cause: EndCause | undefined;
}

/**
 * Reads a coding agent's output to its end, records its events and ends it when it is cancelled or goes beyond a limit.
 * A worker that takes over reads from the beginning, and records what is new. Throws as `followProcess` does.
 */
export async function runProgram(
  { deps, claim, payload, signal }: JobContext<'task'>,
  recorder: TaskRecorder,
  reader: AgentReader,
): Promise<ProgramRun> {
  const agent = deps.agents.client(claim.sandboxId);
  const end = createProgramEnd<EndCause>({
    agent,
    processId: claim.jobId,
    onError(error) {
      deps.logger.warn({ err: error, jobId: claim.jobId }, 'signal not sent');
    },
  });
  const idleMs = payload.idle_timeout_seconds * 1_000;
  const idle = setTimeout(() => {
    end.begin('agent_idle');
  }, idleMs);
  const onAbort = (): void => {
    if (signal.reason === 'cancelled') end.begin('cancelled');
  };
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  let offset = 0;
  let characters = 0;
  try {
    const process = await followProcess({
      agent,
      docker: deps.docker,
      sandboxId: claim.sandboxId,
      processId: claim.jobId,
      limitMs: payload.timeout_seconds * 1_000 + END_GRACE_MS,
      outputCapBytes: TASK_LIMITS.outputBytes,
      signal: withoutCancel(signal),
      onOutput(piece) {
        idle.refresh();
        offset = piece.offset;
        characters += piece.text.length;
        recorder.output(reader.push(piece.stream, piece.text), offset);
        const cause = overLimit(reader.summary, payload, characters);
        if (cause !== undefined) end.begin(cause);
      },
    });
    const exit = { exitCode: process.exit_code ?? -1, signal: process.signal };
    recorder.output(reader.end(exit), offset + 1);
    return { summary: reader.summary, process, cause: end.cause };
  } finally {
    clearTimeout(idle);
    end.stop();
    signal.removeEventListener('abort', onAbort);
  }
}

/** What a program that goes on is to be ended for. */
export function overLimit(
  summary: AgentSummary,
  { max_steps }: Pick<TaskPayload, 'max_steps'>,
  characters: number,
): EndCause | undefined {
  const { repeats, outputBytes } = TASK_LIMITS;
  if (summary.failure?.permanent === true) return 'provider';
  if (summary.steps > max_steps) return 'step_limit';
  if (
    summary.sameToolInARow >= repeats.tool ||
    summary.suspiciousSteps >= repeats.suspiciousSteps
  )
    return 'agent_loop';
  return characters >= outputBytes ? 'output_limit' : undefined;
}
