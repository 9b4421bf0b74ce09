import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMissing } from './is-missing.ts';

/** What a test may do to a process at a point: end it there, or hold it there until somebody sends SIGCONT. */
const SIGNALS = ['SIGKILL', 'SIGSTOP'] as const;

/**
 * Makes what a process calls at each named point. A file of that name in `directory` is taken, and the process sends itself
 * the signal that the file names; its id is in `<point>.pid` by then. Without a directory nothing happens, ever.
 */
export function createCrashPoints(directory: string): (point: string) => void {
  if (directory === '') return () => undefined;
  return (point) => {
    const file = join(directory, point);
    const signal = take(file);
    if (signal === undefined) return;
    writeFileSync(`${file}.pid`, String(process.pid));
    process.kill(process.pid, signal);
  };
}

/** Of several processes at the same point only one gets the file. */
function take(file: string): (typeof SIGNALS)[number] | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim();
    const signal = SIGNALS.find((name) => name === text);
    // Whoever arms it has not finished writing.
    if (signal === undefined) return undefined;
    unlinkSync(file);
    return signal;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
