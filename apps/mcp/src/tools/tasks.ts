import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { SandboxedEvent, Task } from '@sandboxed/sdk';
import { Jobs, SandboxedError, Tasks } from '@sandboxed/sdk';
import { z } from 'zod';
import { answered } from '../answered.ts';
import type { Host } from '../host.ts';
import { boundedText } from '../output-collector.ts';
import type { Extra } from '../progress.ts';
import { createProgress } from '../progress.ts';
import { done, environment, sandboxId } from './inputs.ts';

/** Files that an answer names at most. */
const MAX_FILES = 200;

const outcome = z.object({
  task_id: z.string(),
  status: z
    .string()
    .describe('queued, running, succeeded, failed or cancelled.'),
  failure_reason: z.string().optional(),
  error_message: z.string().optional(),
  agent_message: z
    .string()
    .optional()
    .describe('What the agent said at the end.'),
  files_changed: z
    .array(z.object({ path: z.string(), change: z.string() }))
    .optional(),
  files_truncated: z.boolean().optional(),
  build_status: z.string().optional(),
  preview_url: z.string().optional(),
  cost_usd: z.number().optional(),
});

const taskId = z.string().min(1).max(64).describe('As run_task answered it.');
const waitSeconds = z.int().min(0).max(7_200);

/** Tools that hand work to coding agents in a sandbox. */
export function addTaskTools(server: McpServer, host: Host): void {
  const tasksOf = (id: string): Tasks => new Tasks(host.client, id);

  server.registerTool(
    'run_task',
    {
      title: 'Let a coding agent work',
      description:
        'Hands a prompt to a coding agent in the sandbox and waits for its end, with progress notifications of what it does. succeeded means that the app also builds and answers. The key of its model provider comes with env here or at create_sandbox. If it takes longer than wait_seconds the answer has status running: go on with get_task. Cancelling the call cancels the task.',
      inputSchema: z.object({
        sandbox_id: sandboxId,
        agent: z.enum(['opencode', 'claude-code', 'codex']),
        prompt: z.string().min(1).max(262_144),
        model: z.string().max(200).exactOptional(),
        env: environment.exactOptional(),
        continue_session: z
          .boolean()
          .exactOptional()
          .describe('false: without what the agent remembers of former tasks.'),
        timeout_seconds: z.int().min(1).max(86_400).default(1_800),
        wait_seconds: waitSeconds.default(1_800),
      }),
      outputSchema: outcome,
      annotations: { destructiveHint: true, openWorldHint: true },
    },
    (
      { sandbox_id, wait_seconds, timeout_seconds, continue_session, ...rest },
      extra,
    ) =>
      answered(async () => {
        const tasks = tasksOf(sandbox_id);
        const { id } = await tasks.run({
          ...rest,
          ...(continue_session !== undefined && { continue: continue_session }),
          timeoutSeconds: timeout_seconds,
          signal: extra.signal,
        });
        try {
          await follow(host, id, wait_seconds, extra);
        } finally {
          // It may be over by now.
          if (extra.signal.aborted)
            await tasks
              .attach(id)
              .cancel()
              .catch(() => undefined);
        }
        return outcomeOf(await tasks.get(id, { signal: extra.signal }));
      }),
  );

  server.registerTool(
    'get_task',
    {
      title: 'How a task gets on',
      description:
        'The status of a task, with its result once it has ended. Waits for that as long as wait_seconds says.',
      inputSchema: z.object({
        sandbox_id: sandboxId,
        task_id: taskId,
        wait_seconds: waitSeconds.default(0),
      }),
      outputSchema: outcome,
      annotations: { readOnlyHint: true },
    },
    ({ sandbox_id, task_id, wait_seconds }, extra) =>
      answered(async () => {
        const tasks = tasksOf(sandbox_id);
        const { signal } = extra;
        const task = await tasks.get(task_id, { signal });
        if (hasEnded(task) || wait_seconds === 0) return outcomeOf(task);
        await follow(host, task_id, wait_seconds, extra);
        return outcomeOf(await tasks.get(task_id, { signal }));
      }),
  );

  server.registerTool(
    'cancel_task',
    {
      title: 'End a task',
      description:
        'Asks the agent to end, which it does within 10 seconds. What it changed stays.',
      inputSchema: z.object({ sandbox_id: sandboxId, task_id: taskId }),
      outputSchema: done,
      annotations: { destructiveHint: true },
    },
    ({ sandbox_id, task_id }) =>
      answered(async () => {
        await tasksOf(sandbox_id).attach(task_id).cancel();
        return { id: task_id, status: 'cancelling' };
      }),
  );
}

/** Tells what a task does until it ends or the time is up. */
async function follow(
  { client }: Host,
  taskId: string,
  waitSeconds: number,
  extra: Extra,
): Promise<void> {
  using progress = createProgress(extra);
  const patience = AbortSignal.timeout(waitSeconds * 1_000);
  const signal = AbortSignal.any([extra.signal, patience]);
  try {
    // A task's id is that of its job. To stop reading leaves it at work.
    for await (const event of new Jobs(client).events(taskId, { signal })) {
      const line = lineOf(event);
      if (line !== undefined) progress.tell(`${line}\n`);
    }
  } catch (error) {
    if (!patience.aborted || error instanceof SandboxedError) throw error;
  }
}

/** What to tell of an event; undefined for nothing. */
function lineOf({ type, data }: SandboxedEvent): string | undefined {
  if (type === 'message') return data.text;
  if (type === 'tool') return `tool ${data.name}: ${data.status}`;
  if (type === 'file') return `${data.change} ${data.path}`;
  if (type === 'build') return `build ${data.status}`;
  if (type === 'status') return data.phase ?? data.message;
  return undefined;
}

function hasEnded({ status }: Task): boolean {
  return status !== 'queued' && status !== 'running';
}

function outcomeOf({
  id,
  status,
  error,
  result,
}: Task): z.input<typeof outcome> {
  const why = result?.errorMessage ?? error?.message;
  return {
    task_id: id,
    status,
    ...(why !== undefined && { error_message: boundedText(why, 4_000) }),
    ...(result !== undefined && {
      ...(result.failureReason !== undefined && {
        failure_reason: result.failureReason,
      }),
      ...(result.agentMessageFinal !== undefined && {
        agent_message: boundedText(result.agentMessageFinal, 32_000),
      }),
      files_changed: result.filesChanged
        .slice(0, MAX_FILES)
        .map(({ path, change }) => ({ path, change })),
      files_truncated:
        result.filesTruncated === true ||
        result.filesChanged.length > MAX_FILES,
      build_status: result.buildStatus,
      ...(result.preview.url !== undefined && {
        preview_url: result.preview.url,
      }),
      ...(result.costUsd !== undefined && { cost_usd: result.costUsd }),
    }),
  };
}
