import { text } from 'node:stream/consumers';
import type { TaskOptions, TaskResult, TaskRun } from '@sandboxed/sdk';
import { fromCamel, Sandbox } from '@sandboxed/sdk';
import { z } from 'zod';
import type { Program } from '../define.ts';
import { define } from '../define.ts';
import { EXIT } from '../exit-code.ts';
import { findSandbox } from '../find-sandbox.ts';
import { collected, readVariables, wholeNumber } from '../options.ts';
import { printable } from '../printable.ts';
import { usageProblem } from '../problem.ts';
import type { Session } from '../session.ts';
import type { Spinner } from '../spinner.ts';
import { withSpinner } from '../spinner.ts';
import { TaskView } from '../task-view.ts';

const AGENTS = ['claude-code', 'codex', 'opencode'] as const;

const shape = {
  sandbox: z.string().optional(),
  agent: z.enum(AGENTS).default('claude-code'),
  model: z.string().optional(),
  env: z.array(z.string()).default([]),
  template: z.string().optional(),
  timeout: wholeNumber(1, 86_400).optional(),
  newSession: z.boolean().default(false),
};
type Options = z.output<z.ZodObject<typeof shape>>;

export function addRun(program: Program): void {
  const command = program.root
    .command('run')
    .description(
      'Let a coding agent work, watch it, and end with how that went',
    )
    .argument('<prompt>', "what it is to do; '-' reads it from stdin")
    .option('-s, --sandbox <sandbox>', 'where; a new one unless given')
    .option(
      '-a, --agent <agent>',
      `${AGENTS.join(', ')}; claude-code unless given`,
    )
    .option('-m, --model <model>', "another model than the agent's usual one")
    .option(
      '-e, --env <NAME[=value]>',
      'a variable of the agent, such as -e ANTHROPIC_API_KEY for the one that it has here',
      collected,
    )
    .option('--template <template>', 'what a new sandbox begins with')
    .option('--timeout <seconds>', 'end it after so long; 1800 unless given')
    .option('--new-session', 'without what it knows of earlier tasks');
  define(
    program,
    command,
    shape,
    async (session, options, [word = '']) => {
      const prompt = word === '-' ? await text(session.host.stdin) : word;
      if (prompt.trim() === '')
        throw usageProblem(
          'The prompt is empty.',
          'Say what is to be done: \'sandboxed run "Build a to-do list"\'.',
        );
      const task = taskOf(session, options, prompt);
      const { output } = session;
      return withSpinner(output, 'Making a sandbox', async (spinner) => {
        const sandbox = await place(session, options);
        if (options.sandbox === undefined)
          await spinner.above(() => {
            output.note(`Sandbox ${sandbox.id}`);
            return Promise.resolve();
          });
        spinner.say('Handing it over');
        const run = await sandbox.tasks.run(task);
        return output.json
          ? told(session, sandbox.id, run)
          : watched(session, spinner, run);
      });
    },
    EXIT.notRun,
  );
}

function taskOf(
  { host, signal }: Session,
  options: Options,
  prompt: string,
): TaskOptions {
  const { agent, model, env, timeout, newSession } = options;
  return {
    ...{ agent, prompt, signal },
    env: readVariables(env, host.environment),
    ...(model !== undefined && { model }),
    ...(timeout !== undefined && { timeoutSeconds: timeout }),
    ...(newSession && { continue: false }),
  };
}

/** Where it is to work. */
function place(
  session: Session,
  { sandbox, template }: Options,
): Promise<Sandbox> {
  const { connection, signal } = session;
  if (sandbox !== undefined) return findSandbox(session, sandbox);
  return Sandbox.create({
    ...connection,
    signal,
    ...(template !== undefined && { template }),
  });
}

async function watched(
  { output, host }: Session,
  spinner: Spinner,
  run: TaskRun,
): Promise<number> {
  const view = new TaskView(output, spinner);
  for await (const event of run) await view.show(event);
  const result = await run.result();
  spinner.end();
  await view.summary(result);
  if (result.status === 'succeeded') return EXIT.ok;
  const why = result.errorMessage ?? 'It does not say why.';
  host.stderr.write(
    `Error: ${result.failureReason ?? result.status}: ${printable(why)}\nWhat to do: ${adviceOn(result)}\n`,
  );
  return EXIT.failed;
}

/** Each event on a line, and as the last line the task with its result. */
async function told(
  { client, output, signal }: Session,
  id: string,
  run: TaskRun,
): Promise<number> {
  for await (const event of run) await output.documentLine(fromCamel(event));
  const { status } = await run.result();
  const call = { params: { id, taskId: run.id } };
  const path = '/v1/sandboxes/{id}/tasks/{taskId}';
  const data = await client.json('get', path, call, { signal });
  await output.documentLine({ type: 'task', data });
  return status === 'succeeded' ? EXIT.ok : EXIT.failed;
}

function adviceOn({ failureReason }: TaskResult): string {
  if (failureReason === 'provider_auth')
    return "Hand the agent its provider's key: -e ANTHROPIC_API_KEY, or -e OPENAI_API_KEY.";
  if (failureReason === 'agent_timeout')
    return 'Give it more --timeout, or less to do.';
  return "Say more in another prompt; 'sandboxed job' tells all of it.";
}
