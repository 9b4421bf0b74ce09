import type { ProcessState } from '@sandboxed/agent';
import type { AgentReader, AgentSummary } from '@sandboxed/coding-agents';
import type { TaskFailure, TaskPayload } from '@sandboxed/domain';
import { TASK_LIMITS } from '@sandboxed/domain';
import { END_GRACE_MS } from '@sandboxed/jobs';
import type { JobContext } from '../context.ts';
import { followStep } from './follow-step.ts';
import type { TaskRecorder } from './recorder.ts';

/** Why we ended a program. `provider`: its summary says what no retry will mend. */
export type EndCause =
  | Extract<
      TaskFailure,
      'cancelled' | 'agent_idle' | 'agent_loop' | 'step_limit' | 'output_limit'
    >
  | 'provider';

/** How a run of a coding agent ended; without a process state its end was never told. */
export interface ProgramRun {
  readonly summary: AgentSummary;
  readonly process: ProcessState | undefined;
  readonly cause: EndCause | undefined;
}

/**
 * Reads a coding agent's output to its end, records its events and ends it when it is cancelled or goes beyond a limit.
 * A worker that takes over reads from the beginning, and records what is new. Throws as `followProcess` does.
 */
export async function runProgram(
  context: JobContext<'task'>,
  recorder: TaskRecorder,
  reader: AgentReader,
): Promise<ProgramRun> {
  const { claim, payload } = context;
  let offset = 0;
  let characters = 0;
  const { state, cause } = await followStep<EndCause>(context, {
    processId: claim.jobId,
    cancellable: true,
    limitMs: payload.timeout_seconds * 1_000 + END_GRACE_MS,
    outputCapBytes: TASK_LIMITS.outputBytes,
    silence: {
      afterMs: payload.idle_timeout_seconds * 1_000,
      cause: 'agent_idle',
    },
    onOutput(piece, end) {
      offset = piece.offset;
      characters += piece.text.length;
      recorder.output(reader.push(piece.stream, piece.text), offset);
      context.deps.reach('task.output');
      const over = overLimit(reader.summary, payload, characters);
      if (over !== undefined) end.begin(over);
    },
  });
  const exit = { exitCode: state?.exit_code ?? -1, signal: state?.signal };
  recorder.output(reader.end(exit), offset + 1);
  return { summary: reader.summary, process: state, cause };
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
