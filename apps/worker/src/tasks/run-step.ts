import type { JobId } from '@sandboxed/domain';
import { stepProcessId } from '@sandboxed/domain';
import { asDomainError, END_GRACE_MS } from '@sandboxed/jobs';
import type { JobContext } from '../context.ts';
import { followStep } from './follow-step.ts';

/** Characters of each output that are kept: the end, where errors are. */
const KEEP_CHARS = 1_048_576;
const OUTPUT_CAP_BYTES = 8 * KEEP_CHARS;

/** A command that a task runs for itself; `self` takes the job's own id. */
export interface Step {
  readonly name: Parameters<typeof stepProcessId>[1] | 'self';
  readonly cmd?: readonly string[];
  readonly shell?: string;
  readonly timeoutSeconds: number;
  /** A cancel of the task ends it; otherwise it goes to its own end. */
  readonly cancellable: boolean;
}

export interface StepEnd {
  readonly exitCode: number;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs one command in the sandbox to its end. It runs once a job however often it is called, so a worker that takes over
 * finds its end again. Throws as `followProcess` does.
 */
export async function runStep(
  context: JobContext<'task'> | JobContext<'revert'>,
  step: Step,
): Promise<StepEnd> {
  const { deps, claim } = context;
  const agent = deps.agents.client(claim.sandboxId);
  const processId = idOf(claim.jobId, step.name);
  deps.store.jobs.assertHeld(claim);
  await agent
    .startProcess({
      id: processId,
      ...(step.cmd !== undefined && { cmd: [...step.cmd] }),
      ...(step.shell !== undefined && { shell: step.shell }),
      timeout_ms: step.timeoutSeconds * 1_000,
      output_cap_bytes: OUTPUT_CAP_BYTES,
      sweep: true,
    })
    .catch(asDomainError);
  deps.reach('step.started');
  const text = { stdout: '', stderr: '' };
  const { state } = await followStep(context, {
    processId,
    cancellable: step.cancellable,
    limitMs: step.timeoutSeconds * 1_000 + END_GRACE_MS,
    outputCapBytes: OUTPUT_CAP_BYTES,
    onOutput(piece) {
      const kept = text[piece.stream] + piece.text;
      text[piece.stream] = kept.slice(-KEEP_CHARS);
    },
  });
  return {
    exitCode: state?.exit_code ?? -1,
    timedOut: state?.timed_out ?? false,
    ...text,
  };
}

function idOf(job: JobId, name: Step['name']): string {
  return name === 'self' ? job : stepProcessId(job, name);
}
