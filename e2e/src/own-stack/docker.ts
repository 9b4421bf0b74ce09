import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs the Docker client and answers its output, one line an element. Rejects with what it said, or after 60 s. */
export async function docker(
  ...args: readonly string[]
): Promise<readonly string[]> {
  const { stdout } = await run('docker', args, {
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.split('\n').filter((line) => line !== '');
}

/** Everything of an instance on the Engine: sandboxes and the edge first, then their networks. */
export async function removeInstance(instance: string): Promise<void> {
  const label = `label=sandboxed.instance=${instance}`;
  const containers = await docker('ps', '-aq', '--filter', label);
  if (containers.length > 0) await docker('rm', '-f', ...containers);
  const networks = await docker('network', 'ls', '-q', '--filter', label);
  if (networks.length > 0) await docker('network', 'rm', ...networks);
}
