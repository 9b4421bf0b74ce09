import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCrashPoints } from './crash-points.ts';

let directory: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'crash-points-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

/** A process that passes `a.point` and tells on its output that it went on. */
function passing(): ChildProcess {
  const script = `
    import { createCrashPoints } from ${JSON.stringify(join(__dirname, 'crash-points.ts'))};
    const reach = createCrashPoints(${JSON.stringify(directory)});
    reach('other.point');
    reach('a.point');
    process.stdout.write('went on');
  `;
  child = spawn(process.execPath, [
    '--no-warnings',
    '--input-type=module',
    '--eval',
    script,
  ]);
  return child;
}

const arm = (signal: string): void => {
  writeFileSync(join(directory, 'a.point'), signal);
};

it('ends a process where its file says, once, and tells which it was', async () => {
  arm('SIGKILL');
  const killed = passing();
  const output: unknown[] = [];
  killed.stdout?.on('data', (chunk: unknown) => output.push(chunk));
  expect(await once(killed, 'exit')).toEqual([null, 'SIGKILL']);
  expect(output).toEqual([]);
  expect(readFileSync(join(directory, 'a.point.pid'), 'utf8')).toBe(
    String(killed.pid),
  );
  expect(existsSync(join(directory, 'a.point'))).toBe(false);
  expect(await once(passing(), 'exit')).toEqual([0, null]);
});

it('holds a process until it is continued', async () => {
  arm('SIGSTOP');
  const held = passing();
  const state = (): string =>
    readFileSync(`/proc/${String(held.pid)}/stat`, 'utf8').split(') ')[1] ?? '';
  while (!state().startsWith('T'))
    await new Promise((resolve) => setTimeout(resolve, 10));
  held.kill('SIGCONT');
  expect(await once(held, 'exit')).toEqual([0, null]);
});

it('does nothing without a directory', () => {
  createCrashPoints('')('a.point');
});
