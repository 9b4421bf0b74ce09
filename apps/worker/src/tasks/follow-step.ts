import type { ProcessState } from '@sandboxed/agent';
import type { Followed } from '@sandboxed/jobs';
import { followProcess } from '@sandboxed/jobs';
import type { JobContext } from '../context.ts';
import type { ProgramEnd } from './end-program.ts';
import { createProgramEnd } from './end-program.ts';
import { withoutCancel } from './without-cancel.ts';

/** How a process of a task ended; without a state its agent never told. */
export interface Ended<Cause extends string> {
  readonly state: ProcessState | undefined;
  readonly cause: Cause | 'cancelled' | undefined;
}

/** A process of a task. `cancellable`: a cancel of the task ends it, too. */
export interface Following<Cause extends string> extends Pick<
  Followed,
  'processId' | 'limitMs' | 'outputCapBytes'
> {
  readonly cancellable: boolean;
  onOutput(
    piece: Parameters<Followed['onOutput']>[0],
    end: ProgramEnd<Cause | 'cancelled'>,
  ): void;
  /** Why the process is ended when it says nothing for this long. */
  readonly silence?: { readonly afterMs: number; readonly cause: Cause };
}

/**
 * Follows a process of a task to its end. When reading breaks off for good, the process is killed: the next task must not
 * run beside it. Throws as `followProcess` does.
 */
export async function followStep<Cause extends string>(
  { deps, claim, signal }: JobContext<'task'> | JobContext<'revert'>,
  following: Following<Cause>,
): Promise<Ended<Cause>> {
  const agent = deps.agents.client(claim.sandboxId);
  const { processId, cancellable, limitMs, outputCapBytes, silence } =
    following;
  const onError = (error: unknown): void => {
    deps.logger.warn({ err: error, processId }, 'signal not sent');
  };
  const end = createProgramEnd<Cause | 'cancelled'>({
    agent,
    processId,
    onError,
  });
  const onAbort = (): void => {
    if (cancellable && signal.reason === 'cancelled') end.begin('cancelled');
  };
  signal.addEventListener('abort', onAbort);
  onAbort();
  const idle =
    silence === undefined
      ? undefined
      : setTimeout(() => {
          end.begin(silence.cause);
        }, silence.afterMs);
  const handedOver = withoutCancel(signal);
  try {
    const state = await followProcess({
      agent,
      isRunning: () => deps.isRunning(claim.sandboxId, handedOver),
      processId,
      limitMs,
      outputCapBytes,
      signal: AbortSignal.any([handedOver, end.givenUp]),
      onOutput(piece) {
        idle?.refresh();
        following.onOutput(piece, end);
      },
    });
    return { state, cause: end.cause };
  } catch (error) {
    if (handedOver.aborted || !isHeld()) throw error;
    await agent.signal(processId, 'SIGKILL').catch(onError);
    if (!end.givenUp.aborted) throw error;
    return { state: undefined, cause: end.cause };
  } finally {
    clearTimeout(idle);
    end.stop();
    signal.removeEventListener('abort', onAbort);
  }

  /** A process whose job went to another worker is that worker's. */
  function isHeld(): boolean {
    const job = deps.store.jobs.get(claim.jobId);
    return job?.status === 'running' && job.fence === claim.fence;
  }
}
