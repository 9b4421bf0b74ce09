import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startOwnStack } from '../../e2e/src/own-stack/own-stack.ts';
import type { Client } from './client.ts';
import { createClient } from './client.ts';
import type { Process } from './processes.ts';
import { containerProcesses } from './processes.ts';

const run = promisify(execFile);

/** The stack that is measured. */
export interface Target {
  readonly client: Client;
  readonly dataDir: string;
  readonly processes: () => Promise<readonly Process[]>;
  readonly close: () => Promise<void>;
}

/** The installed one, where the settings say. */
export function installedTarget(env: NodeJS.ProcessEnv): Target {
  return {
    client: createClient({
      api: `http://${env['SANDBOXED_API_BIND'] ?? '127.0.0.1:9090'}`,
      edge: `http://127.0.0.1:${env['HTTP_PORT'] ?? '80'}/`,
      domain: env['PREVIEW_DOMAIN'] ?? 'localhost',
      token: env['SANDBOXED_BENCH_TOKEN'],
    }),
    dataDir: env['SANDBOXED_DATA_DIR'] ?? '/var/lib/sandboxed',
    processes: () =>
      containerProcesses('label=com.docker.compose.project=sandboxed'),
    close: () => Promise.resolve(),
  };
}

/** Members of an own stack's warm pool: one that is taken leaves others until the next is asked for. */
const POOL_SIZE = 2;

/** One of our own, gone when it is closed. It has no firewall, and Docker's own processes are those of the host. */
export async function ownTarget({
  warm,
}: {
  readonly warm: boolean;
}): Promise<Target> {
  const stack = await startOwnStack({
    env: { SANDBOXED_WARM_POOL: String(warm ? POOL_SIZE : 0) },
  });
  return {
    client: createClient({
      api: stack.api,
      edge: `http://127.0.0.1:${stack.edgePort}/`,
      domain: 'localhost',
      token: undefined,
    }),
    dataDir: stack.dataDir,
    async processes() {
      const children = [...stack.children.values(), stack.socketProxy];
      return [
        ...children.flatMap((child) => {
          const pid = child.pid();
          return pid === undefined ? [] : [{ name: child.name, pid }];
        }),
        ...(await containerProcesses(`name=^${stack.instance}-edge$`)),
      ];
    },
    close: () => stack.close(),
  };
}

/** Of the working copy; with `-changed` where it is not what was committed. */
export async function commitName(): Promise<string> {
  const git = async (...args: string[]): Promise<string> =>
    (await run('git', args, { cwd: import.meta.dirname })).stdout.trim();
  try {
    const changed = (await git('status', '--porcelain')) !== '';
    return `${await git('rev-parse', '--short', 'HEAD')}${changed ? '-changed' : ''}`;
  } catch {
    return 'unknown';
  }
}
