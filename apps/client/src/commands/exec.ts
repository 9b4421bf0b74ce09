import { text } from 'node:stream/consumers';
import type { CommandLine, CommandOptions, Sandbox } from '@sandboxed/sdk';
import { z } from 'zod';
import type { Program } from '../define.ts';
import { define } from '../define.ts';
import { EXIT } from '../exit-code.ts';
import { findSandbox } from '../find-sandbox.ts';
import { collected, readVariables, wholeNumber } from '../options.ts';
import { Problem, usageProblem } from '../problem.ts';
import type { Session } from '../session.ts';
import { atTerminal } from './terminal.ts';

/** What the API takes. */
const MOST_STDIN = 1_048_576;

export function addExec(program: Program): void {
  const command = program.root
    .command('exec')
    .description(
      "Run a command in a sandbox, and end with the command's exit code",
    )
    .argument('<sandbox>', 'id, beginning of an id, or name')
    .argument(
      '[command...]',
      'a program and its arguments; options go before the sandbox',
    )
    .option('-i, --interactive', 'the command reads what comes in here')
    .option('-t, --tty', 'on a terminal; mostly as -it')
    .option('-c, --shell <line>', 'a line for bash instead')
    .option(
      '-w, --cwd <directory>',
      'where it runs; in the app directory unless given',
    )
    .option(
      '-e, --env <NAME[=value]>',
      'a variable; without a value, the one that it has here',
      collected,
    )
    .option('--timeout <seconds>', 'end it after so long; 600 unless given')
    .option('-d, --detach', 'print the id of its job and leave it running')
    .passThroughOptions();
  define(
    program,
    command,
    {
      interactive: z.boolean().default(false),
      tty: z.boolean().default(false),
      shell: z.string().optional(),
      cwd: z.string().optional(),
      env: z.array(z.string()).default([]),
      timeout: wholeNumber(1, 86_400).optional(),
      detach: z.boolean().default(false),
    },
    async (session, options, [word = '', ...words]) => {
      const { cwd, env, timeout } = options;
      const { host, signal } = session;
      if (options.tty) {
        if (timeout !== undefined || options.detach)
          throw usageProblem(
            'A terminal is looked at, and has no time limit.',
            'Leave out -t, or --timeout and --detach.',
          );
        return atTerminal(session, await findSandbox(session, word), {
          env: readVariables(env, host.environment),
          ...(cwd !== undefined && { cwd }),
          ...terminalCommand(words, options.shell),
        });
      }
      const line = commandLine(words, options.shell);
      const sandbox = await findSandbox(session, word);
      const how: CommandOptions = {
        env: readVariables(env, host.environment),
        signal,
        ...(cwd !== undefined && { cwd }),
        ...(timeout !== undefined && { timeoutSeconds: timeout }),
        ...(options.interactive && { stdin: await readStdin(session) }),
      };
      if (options.detach) return detached(session, sandbox, line, how);
      return session.output.json
        ? told(session, sandbox, line, how)
        : streamed(session, sandbox, line, how);
    },
    EXIT.notRun,
  );
}

/** The command that was typed: words of a program, or a line for bash. */
function commandLine(words: readonly string[], shell?: string): CommandLine {
  const argv = words[0] === '--' ? words.slice(1) : words;
  const [first] = argv;
  if (shell !== undefined && argv.length > 0)
    throw usageProblem(
      'There is both a command and a line for bash.',
      "Give one: 'sandboxed exec <sandbox> <command…>', or 'sandboxed exec -c <line> <sandbox>'.",
    );
  if (shell !== undefined) return shell;
  if (first === undefined)
    throw usageProblem(
      'There is no command to run.',
      "Name one: 'sandboxed exec <sandbox> npm test'. 'sandboxed shell <sandbox>' is a shell.",
    );
  if (words[0] !== '--' && first.startsWith('-'))
    throw usageProblem(
      `${first} stands where the command is expected.`,
      `Options go before the sandbox: 'sandboxed exec ${first} <sandbox> <command…>'.`,
    );
  return argv;
}

/** A terminal without a command has a login shell. */
function terminalCommand(words: readonly string[], shell?: string) {
  if (words.length === 0 && shell === undefined) return {};
  const line = commandLine(words, shell);
  return { cmd: typeof line === 'string' ? ['bash', '-c', line] : line };
}

async function streamed(
  { output }: Session,
  sandbox: Sandbox,
  line: CommandLine,
  how: CommandOptions,
): Promise<number> {
  const running = await sandbox.commands.stream(line, how);
  for await (const { stream, text: piece } of running)
    await (stream === 'stdout'
      ? output.write(piece)
      : output.writeError(piece));
  const { exitCode, timedOut } = await running.result();
  if (timedOut) output.note('Its time was up; --timeout gives it more.');
  return exitCode;
}

async function told(
  { client, output, signal }: Session,
  sandbox: Sandbox,
  line: CommandLine,
  how: CommandOptions,
): Promise<number> {
  const { jobId, exitCode } = await sandbox.commands.run(line, how);
  const call = { params: { id: jobId } };
  await output.document(
    await client.json('get', '/v1/jobs/{id}', call, { signal }),
  );
  return exitCode;
}

async function detached(
  { client, output, signal }: Session,
  sandbox: Sandbox,
  line: CommandLine,
  how: CommandOptions,
): Promise<undefined> {
  const { jobId } = await sandbox.commands.background(line, how);
  const call = { params: { id: jobId } };
  if (output.json)
    await output.document(
      await client.json('get', '/v1/jobs/{id}', call, { signal }),
    );
  else await output.line(jobId);
}

async function readStdin({ host: { stdin } }: Session): Promise<string> {
  if (stdin.isTTY === true)
    throw usageProblem(
      '-i reads to the end of its input, which is a terminal here.',
      'Use -it for a terminal, or pipe something in.',
    );
  const read = await text(stdin);
  if (read.length <= MOST_STDIN) return read;
  throw new Problem(
    `What was piped in is longer than a command can be given (${MOST_STDIN} characters).`,
    "Write it to a file there: 'sandboxed cp - <sandbox>:<path>'.",
    { code: 'body_too_large' },
  );
}
