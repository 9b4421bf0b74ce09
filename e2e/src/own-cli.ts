import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OwnStack } from './own-stack/own-stack.ts';
import { startOwnStack } from './own-stack/own-stack.ts';
import { Shell } from './typed.ts';

/** The command line against a stack of a test's own. */
export interface OwnCli {
  readonly stack: OwnStack;
  readonly shell: Shell;
  /** A directory of this test's own, which is the home of whoever types. */
  readonly home: string;
  /** Makes a sandbox by `create`; answers its id. `SECRET` is a variable of the shell. */
  create(...argv: readonly string[]): Promise<string>;
  /** Ends what was typed, and purges all sandboxes. */
  clean(): Promise<void>;
  close(): Promise<void>;
}

export async function startOwnCli(): Promise<OwnCli> {
  const stack = await startOwnStack();
  const home = await mkdtemp(join(tmpdir(), 'sandboxed-cli-'));
  const shell = new Shell(stack.api, home);
  return {
    ...{ stack, shell, home },
    async create(...argv) {
      const environment = { SECRET: 'of this shell' };
      return (await shell.ok(['create', ...argv], environment)).trim();
    },
    async clean() {
      await shell.close();
      const listed = await shell.ok(['ls', '-q']);
      const left = listed.split('\n').filter((id) => id !== '');
      if (left.length > 0) await shell.ok(['purge', '--yes', ...left]);
    },
    async close() {
      await stack.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
