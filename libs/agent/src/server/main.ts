import path from 'node:path';
import { startAgent } from './agent.ts';

// The composition root of the agent: the only place that reads the environment. The variables serve tests; in a
// sandbox the paths are fixed.
const env = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || name.startsWith('SANDBOXED_AGENT_')
      ? []
      : [[name, value]],
  ),
);
const stateDirectory =
  process.env['SANDBOXED_AGENT_STATE_DIR'] ?? '/run/sandboxed';
const home = process.env['SANDBOXED_AGENT_HOME'] ?? '/home/sandbox';

const agent = await startAgent({
  socketPath:
    process.env['SANDBOXED_AGENT_SOCKET'] ??
    path.join(stateDirectory, 'agent.sock'),
  stateDirectory,
  home,
  skeleton: process.env['SANDBOXED_AGENT_SKEL'] ?? '/usr/share/sandboxed/skel',
  appDirectory: path.join(home, 'workspace/app'),
  templates:
    process.env['SANDBOXED_AGENT_TEMPLATES'] ??
    path.join(import.meta.dirname, 'templates'),
  ptyAddon:
    process.env['SANDBOXED_AGENT_PTY'] ??
    path.join(import.meta.dirname, 'pty.node'),
  env,
  pid: process.pid,
  now: Date.now,
  warn(message) {
    process.stderr.write(`${message}\n`);
  },
});

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    void agent.stop().finally(() => process.exit(0));
  });
