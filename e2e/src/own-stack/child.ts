import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

/** As `restart: unless-stopped` does it, only sooner. Milliseconds. */
const RESTART_MS = 100;

/** How a process ended. */
export interface Exit {
  readonly name: string;
  readonly pid: number;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A supervised process: one that ends is started again, until it is told to stay down. */
export interface Child {
  readonly name: string;
  /** Undefined while it is down. */
  pid(): number | undefined;
  /** Sends a signal to the process, if it is up. */
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL, and resolves when the process is gone; the supervisor starts it again. */
  kill(): Promise<void>;
  /** Ends it by `signal` and keeps it down. Resolves when it is gone, at the latest after 40 s by SIGKILL. */
  down(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again after {@link Child.down}. */
  up(): void;
}

/** Output goes to `logFile`, appended. `onExit` hears of every end. */
export function supervise(options: {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly onExit: (exit: Exit) => void;
}): Child {
  const [program, ...args] = options.command;
  let child: ChildProcess | undefined;
  let wanted = true;
  let timer: NodeJS.Timeout | undefined;

  const start = (): void => {
    clearTimeout(timer);
    if (!wanted || child !== undefined) return;
    const log = openSync(options.logFile, 'a');
    const made = spawn(program, args, {
      stdio: ['ignore', log, log],
      env: { PATH: process.env['PATH'] ?? '', ...options.env },
    });
    closeSync(log);
    child = made;
    made.once('error', (error) => {
      throw new Error(`${options.name} could not be started`, { cause: error });
    });
    made.once('exit', (code, signal) => {
      child = undefined;
      options.onExit({ name: options.name, pid: made.pid ?? 0, code, signal });
      if (wanted) timer = setTimeout(start, RESTART_MS);
    });
  };

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const going = child;
    if (going === undefined) return;
    const gone = once(going, 'exit');
    going.kill(signal);
    // One that is stopped would never hear of it.
    going.kill('SIGCONT');
    const last = setTimeout(() => going.kill('SIGKILL'), 40_000);
    await gone;
    clearTimeout(last);
  };

  start();
  return {
    name: options.name,
    pid: () => child?.pid,
    signal: (signal) => {
      child?.kill(signal);
    },
    kill: () => end('SIGKILL'),
    async down(signal = 'SIGTERM') {
      wanted = false;
      clearTimeout(timer);
      await end(signal);
    },
    up() {
      wanted = true;
      start();
    },
  };
}
