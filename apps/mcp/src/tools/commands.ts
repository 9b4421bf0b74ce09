import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CommandOptions } from '@sandboxed/sdk';
import { Commands } from '@sandboxed/sdk';
import { z } from 'zod';
import { answered } from '../answered.ts';
import type { Host } from '../host.ts';
import type { OutputCollector } from '../output-collector.ts';
import { createOutputCollector, MAX_TEXT } from '../output-collector.ts';
import type { Extra } from '../progress.ts';
import { createProgress } from '../progress.ts';
import { cwd, environment, MAX_SENT, sandboxId } from './inputs.ts';

const STDERR_SHARE = MAX_TEXT / 4;
/** Of a command that is waited for. */
const TIMEOUT_SECONDS = 300;

const outcome = z.object({
  exit_code: z
    .number()
    .optional()
    .describe(
      '128 + n after signal n. Missing if it goes on in the background.',
    ),
  signal: z.string().optional(),
  stdout: z.string(),
  stderr: z.string(),
  truncated: z.boolean().describe('Whether output was left out.'),
  timed_out: z.boolean().describe('Whether its time was up and it was ended.'),
  process_id: z.string().optional().describe('Of a program in the background.'),
});

/** The tool that runs programs. */
export function addCommandTools(server: McpServer, { client }: Host): void {
  server.registerTool(
    'run_command',
    {
      title: 'Run a command',
      description: `Runs a line of bash in a sandbox, waits for its end and answers exit code and output: its beginning and end if it is more than ${MAX_TEXT} characters, and nothing of what comes after the first MiB, so let a chatty program write to a file. An exit code other than 0 is an answer, no error. A sandbox that sleeps is woken. Progress notifications hold the output as it comes; cancelling the call ends the command. A server that is to keep running belongs into start_service.`,
      inputSchema: z.object({
        sandbox_id: sandboxId,
        command: z.string().min(1).max(131_072).describe('A line for bash.'),
        cwd: cwd.exactOptional(),
        env: environment.exactOptional(),
        stdin: z.string().max(MAX_SENT).exactOptional(),
        timeout_seconds: z
          .int()
          .min(1)
          .max(86_400)
          .exactOptional()
          .describe(
            `It is ended after so long: ${TIMEOUT_SECONDS} unless given, and without a limit in the background.`,
          ),
        background: z
          .boolean()
          .default(false)
          .describe(
            'Answers as soon as it runs, and goes on. Its output is lost unless it writes to a file.',
          ),
      }),
      outputSchema: outcome,
      annotations: { destructiveHint: true, openWorldHint: true },
    },
    ({ sandbox_id, command, timeout_seconds, background, ...rest }, extra) =>
      answered(async () => {
        const commands = new Commands(client, sandbox_id);
        const options = { ...rest, signal: extra.signal };
        if (background) {
          const { processId } = await commands.background(command, {
            ...options,
            ...(timeout_seconds !== undefined && {
              timeoutSeconds: timeout_seconds,
            }),
          });
          return {
            stdout: '',
            stderr: '',
            truncated: false,
            timed_out: false,
            process_id: processId,
          };
        }
        return run(commands, command, extra, {
          ...options,
          timeoutSeconds: timeout_seconds ?? TIMEOUT_SECONDS,
        });
      }),
  );
}

async function run(
  commands: Commands,
  command: string,
  extra: Extra,
  options: CommandOptions,
): Promise<z.input<typeof outcome>> {
  using progress = createProgress(extra);
  const stdout = createOutputCollector(MAX_TEXT - STDERR_SHARE);
  const stderr = createOutputCollector(STDERR_SHARE);
  const into = (collector: OutputCollector) => (text: string) => {
    collector.add(text);
    progress.tell(text);
  };
  const { exitCode, signal, truncated, timedOut } = await commands.run(
    command,
    { ...options, onStdout: into(stdout), onStderr: into(stderr) },
  );
  const [out, err] = [stdout.read(), stderr.read()];
  return {
    exit_code: exitCode,
    ...(signal !== undefined && { signal }),
    stdout: out.text,
    stderr: err.text,
    truncated: out.truncated || err.truncated || truncated,
    timed_out: timedOut,
  };
}
