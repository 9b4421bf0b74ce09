import { Command, CommanderError } from 'commander';
import { addCreate } from './commands/create.ts';
import { addExec } from './commands/exec.ts';
import { addJobs } from './commands/jobs.ts';
import { addLifecycle } from './commands/lifecycle.ts';
import { addLs } from './commands/ls.ts';
import { addOfTheHost } from './commands/of-the-host.ts';
import { addOpen } from './commands/open.ts';
import { addCopy } from './commands/cp.ts';
import { addCompletion } from './commands/completion.ts';
import { addShell } from './commands/shell.ts';
import { addRun } from './commands/run.ts';
import { addRemove } from './commands/remove.ts';
import { addServices } from './commands/services.ts';
import { addShow } from './commands/show.ts';
import type { Program } from './define.ts';
import { EXIT, SIGNAL_EXIT } from './exit-code.ts';
import type { Problem } from './problem.ts';
import { Interrupted, usageProblem } from './problem.ts';
import { reportOf, reportText } from './report.ts';
import type { Host } from './session.ts';

/** Does what a command line says; answers the exit code. Throws nothing. */
export async function run(
  host: Host,
  version: string,
  argv: readonly string[],
): Promise<number> {
  let exitCode: number = EXIT.ok;
  let failure: number = EXIT.failed;
  const root = createRoot(host, version);
  const program: Program = {
    root,
    host,
    ended(code) {
      exitCode = code;
    },
    failing(code) {
      failure = code;
    },
  };
  for (const add of COMMANDS) add(program);
  try {
    await root.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return told(host, error, argv, failure);
  }
}

const COMMANDS = [
  addCreate,
  addLs,
  addShow,
  addExec,
  addShell,
  addRun,
  addServices,
  addOpen,
  addCopy,
  addLifecycle,
  addRemove,
  addJobs,
  addCompletion,
  addOfTheHost,
] as const;

function createRoot({ stdout, stderr }: Host, version: string): Command {
  return new Command('sandboxed')
    .description('Sandboxes of your own, on your own host.')
    .version(version, '-V, --version')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // Told below, with all other errors.
      outputError: () => undefined,
    });
}

function told(
  host: Host,
  error: unknown,
  argv: readonly string[],
  failure: number,
): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
  const { signal, stderr } = host;
  const why: unknown = signal.aborted ? signal.reason : error;
  if (why instanceof Interrupted) return SIGNAL_EXIT[why.by];
  // Help that was asked for by no command at all has been printed.
  if (error instanceof CommanderError && error.code === 'commander.help')
    return EXIT.usage;
  const report = reportOf(
    error instanceof CommanderError ? wrongUse(error) : error,
  );
  stderr.write(reportText(report, argv.includes('--json')));
  return report.exitCode === EXIT.failed ? failure : report.exitCode;
}

/** What the parser of command lines found wrong. */
function wrongUse({ message }: CommanderError): Problem {
  const text = message.replace(/^error: /, '').replace(/\s+/g, ' ');
  return usageProblem(
    text.charAt(0).toUpperCase() + text.slice(1),
    "'sandboxed --help' tells of all commands, 'sandboxed <command> --help' of one.",
  );
}
