import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type AgentClient, createAgentClient } from '../src/index.ts';

const MAIN = path.join(__dirname, '../src/server/main.ts');

/** A real agent in a directory of its own, and a client of it. */
export type TestAgent = {
  readonly client: AgentClient;
  readonly directory: string;
  readonly app: string;
  readonly socketPath: string;
  readonly child: ChildProcess;
  /** Sends the signal and resolves with the exit code of the agent. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
  /** A second agent on the same directory, as after a restart of the sandbox. */
  readonly again: () => Promise<TestAgent>;
};

const disposers: (() => Promise<void> | void)[] = [];

/** Ends what the tests of a file started; call in `afterEach`. */
export async function disposeAgents(): Promise<void> {
  while (disposers.length > 0) await disposers.pop()?.();
}

/** `argv` is what its Node begins with: the program, unless a test has another. */
export async function startTestAgent(
  prepare: (directory: string) => void = () => undefined,
  argv: readonly string[] = [MAIN],
): Promise<TestAgent> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-test-'));
  disposers.push(() => {
    fs.rmSync(directory, { recursive: true, force: true });
  });
  fs.mkdirSync(path.join(directory, 'home'));
  fs.mkdirSync(path.join(directory, 'skel'));
  prepare(directory);
  return launch(directory, argv);
}

async function launch(
  directory: string,
  argv: readonly string[],
): Promise<TestAgent> {
  const socketPath = path.join(directory, 'run/agent.sock');
  fs.mkdirSync(path.dirname(socketPath), { recursive: true });
  const child = spawn(process.execPath, argv, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      FROM_IMAGE: 'image',
      SANDBOXED_AGENT_STATE_DIR: path.dirname(socketPath),
      SANDBOXED_AGENT_HOME: path.join(directory, 'home'),
      SANDBOXED_AGENT_SKEL: path.join(directory, 'skel'),
      SANDBOXED_AGENT_PTY: require.resolve(
        `@lydell/node-pty-linux-${process.arch}/pty.node`,
      ),
      SANDBOXED_AGENT_TEMPLATES: path.join(directory, 'templates'),
    },
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  const client = createAgentClient({ socketPath });
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exited;
  };
  disposers.push(async () => {
    client.close();
    await end('SIGTERM');
  });
  await client.waitReady({ timeoutMs: 10_000 });
  return {
    client,
    directory,
    app: path.join(directory, 'home/workspace/app'),
    socketPath,
    child,
    end,
    again: () => launch(directory, argv),
  };
}
