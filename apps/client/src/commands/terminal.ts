import type { Sandbox, Terminal, TerminalOptions } from '@sandboxed/sdk';
import { EXIT } from '../exit-code.ts';
import { Problem, usageProblem } from '../problem.ts';
import type { Session } from '../session.ts';
import { terminalSize } from '../terminal-size.ts';

type Wanted = Pick<TerminalOptions, 'cmd' | 'cwd' | 'env'>;

/**
 * Works on a terminal in a sandbox as on one of this host, until its program ends; answers its exit code. The terminal here is given
 * back as it was, whatever happens. Throws a usage problem where there is none.
 */
export async function atTerminal(
  { host, output, signal }: Session,
  sandbox: Sandbox,
  wanted: Wanted,
): Promise<number> {
  const { stdin, stdout } = host;
  if (stdin.isTTY !== true || stdout.isTTY !== true || output.json)
    throw usageProblem(
      'There is no terminal here to work on.',
      "Use 'sandboxed exec' without -t; 'ssh -t' brings a terminal along.",
    );
  const size = () => terminalSize(stdout);
  await using terminal = await sandbox.terminals.open({
    ...{ ...wanted, ...size(), signal },
    onStatus(status) {
      if (status === 'starting') output.note('Waking the sandbox…');
      // The terminal here is raw by then.
      if (status === 'away')
        output.note('\r\n[the connection broke, and is taken up again]\r');
    },
  });
  const resized = (): void => {
    terminal.resize(size());
  };
  const typed = (keys: Uint8Array): void => {
    // What is pasted waits until it was taken.
    stdin.pause();
    terminal
      .write(keys)
      .then(() => stdin.resume())
      // Of a terminal that is over, its end tells.
      .catch(() => undefined);
  };
  // The size may have changed while it was opened.
  resized();
  stdin.setRawMode?.(true);
  stdout.on('resize', resized);
  stdin.on('data', typed);
  try {
    return await shown(output, terminal);
  } finally {
    stdin.off('data', typed);
    stdin.pause();
    stdout.off('resize', resized);
    stdin.setRawMode?.(false);
  }
}

async function shown(
  output: Session['output'],
  terminal: Terminal,
): Promise<number> {
  for await (const bytes of terminal) await output.write(bytes);
  const end = await terminal.exited;
  if (end.reason === 'exited') return end.exitCode;
  throw new Problem(
    end.reason === 'taken_over'
      ? 'The terminal is shown elsewhere now.'
      : 'The terminal was closed.',
    'Open another one.',
    { code: end.reason, exitCode: EXIT.notRun },
  );
}
