import { execFile } from 'node:child_process';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The agent's heap with all of its modules evaluated, after a rehearsal. Its Node begins with that instead of doing it again: some 40 ms of every start. */
export const SNAPSHOT = 'agent.blob';
/**
 * How its Node begins with it. The seed of its hash tables stays that of the build, where Node would take one at random and order all
 * tables of the heap anew: 7 of some 38 ms. Who knows the seed can slow down nobody's agent but their own sandbox's. One thread
 * compiles and collects for it in place of four: they would be made and ended, a millisecond of each stop, and have little to do.
 */
export const withSnapshot = (blob: string): readonly string[] => [
  '--no-rehash-snapshot',
  '--v8-pool-size=1',
  '--snapshot-blob',
  blob,
];
const BUILD_MS = 60_000;
const TRIAL_MS = 30_000;

/**
 * Makes the snapshot in `directory` and begins with it once, by the very Node there that is to run it: no other can. Nothing of this
 * process' environment gets into it. Rejects when that Node does not do it, and leaves nothing then.
 */
export async function buildSnapshot(
  directory: string,
  bundle: string,
): Promise<void> {
  const config = join(directory, 'snapshot.json');
  // Compiled code would take more memory in each sandbox than time off its start.
  const settings = { builder: join(directory, bundle), withoutCodeCache: true };
  await writeFile(config, JSON.stringify(settings));
  const blob = join(directory, SNAPSHOT);
  const node = join(directory, 'node');
  try {
    await run(
      node,
      ['--snapshot-blob', blob, '--build-snapshot-config', config],
      { cwd: directory, env: {}, timeout: BUILD_MS },
    );
    await chmod(blob, 0o644);
    await run(node, withSnapshot(blob), {
      env: { SANDBOXED_AGENT_TRIAL: '1' },
      timeout: TRIAL_MS,
    });
  } catch (error) {
    await rm(blob, { force: true });
    throw error;
  } finally {
    await rm(config, { force: true });
  }
}
