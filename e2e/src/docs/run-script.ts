import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs a bash script in `cwd` and answers its exit code, or undefined when it took longer than `timeoutMs`. Whatever it left running is
 * killed.
 */
export async function runScript(
  script: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<number | undefined> {
  // A group of its own, which is ended whole.
  const options = { cwd, env, stdio: 'ignore', detached: true } as const;
  const child = spawn('bash', [script], options);
  const killGroup = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nobody of it is left.
    }
  };
  const timer = setTimeout(killGroup, timeoutMs);
  await once(child, 'exit');
  clearTimeout(timer);
  killGroup();
  return child.exitCode ?? undefined;
}
