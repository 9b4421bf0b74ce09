import { AgentError } from '@sandboxed/agent';
import type { AgentReader, AgentSummary } from '@sandboxed/coding-agents';
import { CODING_AGENTS, INSTRUCTIONS } from '@sandboxed/coding-agents';
import {
  DomainError,
  INSTRUCTIONS_FILE,
  TASK_LIMITS,
  taskSecretSchema,
} from '@sandboxed/domain';
import { asDomainError, loadRunning } from '@sandboxed/jobs';
import { readPlan } from '../app-services.ts';
import type { JobContext, JobHandler } from '../context.ts';
import { checkBuild } from '../tasks/build-check.ts';
import { changesSince, recordBefore } from '../tasks/checkpoint.ts';
import { checkHealth } from '../tasks/health-check.ts';
import type { TaskReport } from '../tasks/report.ts';
import { createReport, verdictOf } from '../tasks/report.ts';
import type { TaskRecorder } from '../tasks/recorder.ts';
import { createTaskRecorder } from '../tasks/recorder.ts';
import { runProgram } from '../tasks/run-program.ts';
import { serveChanged } from '../tasks/serve-changed.ts';
import { judge } from '../tasks/verdict.ts';

/**
 * A coding agent's task: checkpoint, the agent's program, what it changed, build, services, preview. Every step has a process
 * id of its own made from the job's, so a worker that takes over finds each step's end, or goes on reading it.
 */
export const taskHandler: JobHandler<'task'> = {
  async run(context) {
    const report = createReport(context);
    try {
      await work(context, report);
    } catch (error) {
      const verdict = verdictOf(context, error);
      if (verdict === undefined) throw error;
      report.fail(verdict);
    }
    // Last of all: until then a worker that takes over still needs what the program was started with.
    context.phase('session');
    keepSession(context, report.summary);
    context.deps.reach('task.session_kept');
    return report.end();
  },
};

async function work(
  context: JobContext<'task'>,
  report: TaskReport,
): Promise<void> {
  const { deps, claim, signal } = context;
  const isCancelled = (): boolean => signal.reason === 'cancelled';
  const recorder = createTaskRecorder(context);
  recorder.phase('starting');
  const sandbox = loadRunning(context);
  deps.store.sandboxes.touch(sandbox.id, deps.now());

  context.phase('checkpoint');
  const problem = await checkpoint(context, recorder);
  deps.reach('task.checkpointed');
  if (problem === undefined) report.add({ checkpoint_id: claim.jobId });
  if (isCancelled()) return;
  context.phase('program');
  const reader = await startProgram(context, recorder, problem);
  report.follow(reader);
  const run = await runProgram(context, recorder, reader);
  deps.reach('task.program_ended');
  context.phase('changes');
  const changes = await changesSince(context);
  deps.reach('task.changes_read');
  report.changed(changes);
  const failure = judge(run, context.payload);
  if (failure !== undefined) {
    report.fail(failure);
    return;
  }

  recorder.phase('build_check');
  context.phase('build');
  const plan = await readPlan(deps, claim.sandboxId);
  const build = await checkBuild(context, recorder, plan);
  deps.reach('task.build_checked');
  report.add(build);
  if (isCancelled()) return;
  recorder.phase('health_check');
  deps.store.jobs.assertHeld(claim);
  context.phase('app');
  const isChanged = changes?.length !== 0;
  const served = await serveChanged(deps, claim.sandboxId, isChanged);
  deps.reach('task.app_served');
  context.phase('preview');
  const preview = await checkHealth(context, served);
  report.add({ preview });
  if (build.build_status === 'failed')
    report.fail({
      reason: 'build_failed',
      message: build.build_message ?? 'The build failed.',
    });
  else if (preview.status === 'failed')
    report.fail({
      reason: 'preview_failed',
      message: preview.message ?? 'The app does not answer.',
    });
}

/** Why there is no checkpoint of the state before the task; undefined when there is one. */
async function checkpoint(
  context: JobContext<'task'>,
  recorder: TaskRecorder,
): Promise<string | undefined> {
  const { earlier } = recorder;
  recorder.phase('checkpoint');
  // Once the agent ran, what is there now is no state to come back to.
  if (earlier.has('agent_running')) return earlier.get('agent_running');
  const problem = await recordBefore(context);
  if (problem === undefined) return undefined;
  const { deps, claim } = context;
  deps.logger.warn({ jobId: claim.jobId, problem }, 'no checkpoint');
  return `There is no checkpoint: ${problem}`;
}

/** Starts the agent's program, or finds the one that an earlier worker started; answers who reads its output. */
async function startProgram(
  context: JobContext<'task'>,
  recorder: TaskRecorder,
  noCheckpoint: string | undefined,
): Promise<AgentReader> {
  const { deps, claim, payload } = context;
  const { store } = deps;
  const codingAgent = CODING_AGENTS[payload.agent];
  const session =
    payload.continue === false
      ? undefined
      : store.agentSessions.get(claim.sandboxId, payload.agent);
  const reader = codingAgent.read(session);
  const agent = deps.agents.client(claim.sandboxId);
  if (recorder.earlier.has('agent_running')) {
    await agent.process(claim.jobId).catch(lostWithWorker);
    return reader;
  }
  const secret = taskSecretSchema.parse(
    store.jobs.secret(claim.jobId) ?? { env: {} },
  );
  const { argv, env, stdin } = codingAgent.invoke({
    prompt: payload.prompt,
    model: payload.model,
    session,
    env: { ...store.sandboxes.env(claim.sandboxId), ...secret.env },
    instructionsFile: INSTRUCTIONS_FILE,
    instructions: INSTRUCTIONS,
  });
  store.jobs.assertHeld(claim);
  await agent
    .startProcess({
      id: claim.jobId,
      cmd: [...argv],
      env: { ...env },
      stdin,
      timeout_ms: payload.timeout_seconds * 1_000,
      output_cap_bytes: TASK_LIMITS.outputBytes,
      sweep: true,
    })
    .catch(asDomainError);
  deps.reach('task.program_started');
  recorder.phase('agent_running', noCheckpoint);
  return reader;
}

function lostWithWorker(error: unknown): never {
  if (error instanceof AgentError && error.code === 'agent_not_found')
    throw new DomainError(
      'worker_lost',
      'The worker that ran this task was lost, and so was its agent. Send the task again.',
      { cause: error },
    );
  return asDomainError(error);
}

function keepSession(
  { deps: { store }, claim, payload: { agent } }: JobContext<'task'>,
  summary: AgentSummary | undefined,
): void {
  if (summary === undefined) return;
  const { session, sessionUnknown } = summary;
  store.transaction(() => {
    store.jobs.assertHeld(claim);
    if (sessionUnknown) store.agentSessions.forget(claim.sandboxId, agent);
    else if (session !== undefined)
      store.agentSessions.put(claim.sandboxId, agent, session);
  });
}
