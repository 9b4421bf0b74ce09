import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The directory of the agent that the first worker of the same sources made, snapshot and all, kept for the stacks after it: to make
 * it takes each of their workers seconds.
 */
export interface MadeAgent {
  /** Puts it into a data directory, if there is one: its workers find it made. */
  give(dataDir: string): Promise<void>;
  /** Keeps that of a data directory whose workers are up, if there is none. */
  keep(dataDir: string): Promise<void>;
}

/** `sources` is what the bundles were made of. */
export function madeAgent(root: string, sources: string): MadeAgent {
  const kept = join(root, 'node_modules/.cache/agent', sources);
  return {
    async give(dataDir) {
      if (existsSync(kept)) await copy(kept, join(dataDir, 'agent'));
    },
    async keep(dataDir) {
      const made = join(dataDir, 'agent');
      // One that is still being made has a longer name; one without a snapshot is nothing to keep.
      const name = (await readdir(made)).find(
        (each) =>
          /^[0-9a-f]+$/.test(each) &&
          existsSync(join(made, each, 'agent.blob')),
      );
      if (name === undefined || existsSync(join(kept, name))) return;
      await rm(dirname(kept), { recursive: true, force: true });
      await mkdir(dirname(kept), { recursive: true });
      const staging = await mkdtemp(`${kept}.`);
      await chmod(staging, 0o755);
      await copy(join(made, name), join(staging, name));
      await rename(staging, kept);
    },
  };
}

const copy = (from: string, to: string) =>
  run('cp', ['--archive', '--reflink=auto', '--no-target-directory', from, to]);
