import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  AgentClient,
  ProcessState,
  ReceivedFrame,
  StartProcess,
} from '@sandboxed/agent';
import { AgentError } from '@sandboxed/agent';
import type { ExecResult, JobId } from '@sandboxed/domain';
import {
  DEFAULT_EXEC_TIMEOUT_SECONDS,
  DomainError,
  EXEC_OUTPUT_CAP_BYTES,
  execSecretSchema,
} from '@sandboxed/domain';
import { asDomainError } from './agent-failure.ts';
import type { JobContext, JobHandler } from './context.ts';
import { whyEnded } from './why-ended.ts';
import type { OutputCollector } from './output-collector.ts';
import { createOutputCollector } from './output-collector.ts';
import { END_GRACE_MS, followProcess } from './follow-process.ts';
import { loadRunning } from './load-sandbox.ts';

/** For telling the agent to forget a command that has ended. It forgets in milliseconds; a place and a lease are held meanwhile. */
const FORGET_MS = 1_000;
/** TERM to KILL, when an exec is cancelled. */
const KILL_AFTER_MS = 3_000;

/** Runs one command. It is started at most once: after a crash the process is found again by the job's id, or the job says it was lost. */
export const execHandler: JobHandler<'exec'> = {
  async run(context) {
    const { deps, claim, payload } = context;
    context.phase('spawn');
    const sandbox = loadRunning(context);
    const agent = deps.agents.client(sandbox.id);
    if (payload.background) {
      const started = await startOnce(context, agent);
      begun(context);
      return {
        process_id: started.id,
        duration_ms: deps.now() - started.started_at_ms,
      } satisfies ExecResult;
    }
    const output = createOutputCollector(deps.store, claim, deps.now);
    try {
      const ended = await follow(context, agent, output);
      deps.reach('exec.ended');
      context.alongside(output.flush);
      return resultOf(ended, output);
    } finally {
      output.close();
    }
  },
  alongside({ deps, claim }) {
    deps.store.sandboxes.touch(claim.sandboxId, deps.now());
  },
  /** Not before: a worker that takes over in between asks for the record. The agent drops old ones that were not asked away. */
  async onSucceeded({ deps, claim, payload }) {
    if (payload.background) return;
    // Who waits for the end is answered first.
    await nextTurn();
    await deps.agents
      .client(claim.sandboxId)
      .forget(claim.jobId, { signal: AbortSignal.timeout(FORGET_MS) });
  },
};

async function startOnce(
  context: JobContext<'exec'>,
  agent: AgentClient,
): Promise<ProcessState> {
  try {
    return context.claim.recovered
      ? await found(agent, context.claim.jobId)
      : await agent.startProcess(requestOf(context));
  } catch (error) {
    return asDomainError(error);
  }
}

function begun(context: JobContext<'exec'>): void {
  context.deps.reach('exec.started');
  context.phase('run');
}

/** Like {@link startOnce}, and goes on with its output. */
async function* runOnce(
  context: JobContext<'exec'>,
  agent: AgentClient,
  signal: AbortSignal,
): AsyncGenerator<ReceivedFrame> {
  const { claim } = context;
  if (claim.recovered) {
    await startOnce(context, agent);
    begun(context);
    yield* agent.followOutput(claim.jobId, { signal });
    return;
  }
  let started = false;
  try {
    for await (const frame of agent.runProcess(requestOf(context), { signal }))
      if (frame.type === 'started') {
        started = true;
        begun(context);
      } else yield frame;
  } catch (error) {
    if (started) throw error;
    signal.throwIfAborted();
    asDomainError(error);
  }
}

/** The last look before it may run. Throws `stale_write`. */
function requestOf({ deps, claim, payload }: JobContext<'exec'>): StartProcess {
  const secret = execSecretSchema.parse(
    deps.store.jobs.secret(claim.jobId) ?? { env: {} },
  );
  deps.store.jobs.assertHeld(claim);
  deps.reach('exec.starting');
  return {
    id: claim.jobId,
    ...(payload.cmd !== undefined && { cmd: payload.cmd }),
    ...(payload.shell !== undefined && { shell: payload.shell }),
    ...(payload.cwd !== undefined && { cwd: payload.cwd }),
    ...(payload.timeout_seconds !== null && {
      timeout_ms: payload.timeout_seconds * 1000,
    }),
    env: secret.env,
    ...(secret.stdin !== undefined && { stdin: secret.stdin }),
    output_cap_bytes: EXEC_OUTPUT_CAP_BYTES,
  };
}

/** The process that an earlier worker started; if there is none, its id is used up, so that none is started from now on. */
async function found(agent: AgentClient, id: JobId): Promise<ProcessState> {
  try {
    return await agent.process(id);
  } catch (error) {
    if (!(error instanceof AgentError) || error.code !== 'agent_not_found')
      throw error;
    // The earlier worker may be held up just before its call: an id never runs twice.
    await agent.startProcess({ id, cmd: ['true'], output_cap_bytes: 0 });
    throw new DomainError(
      'worker_lost',
      'The worker that ran this command was lost before the command was known to run. It was not run again.',
      { cause: error },
    );
  }
}

/** Follows the process to its end, and ends it when the job is cancelled. */
async function follow(
  context: JobContext<'exec'>,
  agent: AgentClient,
  output: OutputCollector,
): Promise<ProcessState> {
  const { deps, claim, signal, payload } = context;
  const timeoutSeconds =
    payload.timeout_seconds ?? DEFAULT_EXEC_TIMEOUT_SECONDS;
  let offset = 0;
  try {
    return await followProcess({
      agent,
      isRunning: () => deps.isRunning(claim.sandboxId, signal),
      processId: claim.jobId,
      begin: (following) => runOnce(context, agent, following),
      // Of this claim, not since the job began: the clock may have jumped, and its agent ends it in time anyway.
      limitMs: timeoutSeconds * 1_000 + END_GRACE_MS,
      outputCapBytes: EXEC_OUTPUT_CAP_BYTES,
      signal,
      onOutput(piece) {
        output.add(piece.stream, piece.text, piece.offset);
        offset = piece.offset;
        deps.reach('exec.output');
      },
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    if (signal.reason === 'cancelled') await end(context, agent, offset);
    const why = whyEnded(context);
    throw why === undefined
      ? new DomainError('cancelled', 'The command was cancelled.', {
          cause: error,
        })
      : new DomainError('sandbox_not_running', why, { cause: error });
  }
}

async function end(
  { claim, deps }: JobContext<'exec'>,
  agent: AgentClient,
  offset: number,
): Promise<void> {
  try {
    await agent.signal(claim.jobId, 'SIGTERM');
    const limit = AbortSignal.timeout(KILL_AFTER_MS);
    try {
      for await (const frame of agent.followOutput(claim.jobId, {
        offset,
        signal: limit,
      }))
        if (frame.type === 'exit') return;
    } catch (error) {
      if (!limit.aborted) throw error;
      await agent.signal(claim.jobId, 'SIGKILL');
    }
  } catch (error) {
    deps.logger.warn(
      { err: error, jobId: claim.jobId },
      'a cancelled command could not be ended; it dies with its sandbox',
    );
  }
}

function resultOf(state: ProcessState, output: OutputCollector): ExecResult {
  const stderr = output.text('stderr');
  return {
    exit_code: state.exit_code ?? -1,
    ...(state.signal !== undefined && { signal: state.signal }),
    stdout: output.text('stdout'),
    stderr: state.error === undefined ? stderr : `${stderr}${state.error}\n`,
    truncated: state.truncated || output.truncated(),
    ...(state.timed_out && { timed_out: true }),
    duration_ms: Math.max(
      0,
      (state.finished_at_ms ?? state.started_at_ms) - state.started_at_ms,
    ),
  };
}
