import { spawn } from 'node:child_process';
import { SIGNAL_EXIT } from './exit-code.ts';
import { Interrupted } from './problem.ts';
import { run } from './program.ts';

const VERSION = '0.1.0';

const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    // Whoever asks twice does not wait for what is under way to be ended.
    if (ending.signal.aborted) process.exit(SIGNAL_EXIT[signal]);
    ending.abort(new Interrupted(signal));
  });
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader, or the terminal, is gone.
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    ending.abort(new Interrupted('SIGPIPE'));
  });

/** Where a desktop has it, of Linux and of macOS. */
function openBrowser(url: string): boolean {
  const isMac = process.platform === 'darwin';
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (!isMac && !DISPLAY && !WAYLAND_DISPLAY) return false;
  const browser = spawn(isMac ? 'open' : 'xdg-open', [url], {
    detached: true,
    stdio: 'ignore',
  });
  // Its address was printed: that there is no browser is no failure.
  browser.on('error', () => undefined);
  browser.unref();
  return true;
}

process.exitCode = await run(
  {
    environment: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: ending.signal,
    interrupt() {
      process.kill(process.pid, 'SIGINT');
    },
    openBrowser,
  },
  VERSION,
  process.argv.slice(2),
);
// Nothing is left to be read, and a pipe that stays open would keep the program.
process.stdin.destroy();
