import path from 'node:path';
import { startupSnapshot } from 'node:v8';
import { startAgent } from './agent.ts';
import { rehearse } from './rehearse.ts';

/**
 * The composition root of the agent: the only place that reads the environment. The variables serve tests; in a sandbox the paths
 * are fixed, and what is installed with it is beside the program.
 */
async function main(): Promise<void> {
  // Whoever asks whether a snapshot can be run here knows it now.
  if (process.env['SANDBOXED_AGENT_TRIAL'] !== undefined) return;
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

  const starting = startAgent({
    socketPath:
      process.env['SANDBOXED_AGENT_SOCKET'] ??
      path.join(stateDirectory, 'agent.sock'),
    stateDirectory,
    home,
    skeleton:
      process.env['SANDBOXED_AGENT_SKEL'] ?? '/usr/share/sandboxed/skel',
    appDirectory: path.join(home, 'workspace/app'),
    templates:
      process.env['SANDBOXED_AGENT_TEMPLATES'] ??
      path.join(path.dirname(process.execPath), 'templates'),
    ptyAddon:
      process.env['SANDBOXED_AGENT_PTY'] ??
      path.join(path.dirname(process.execPath), 'pty.node'),
    env,
    pid: process.pid,
    now: Date.now,
    warn(message) {
      process.stderr.write(`${message}\n`);
    },
    onEnd: end,
  });

  let ending = false;
  function end(): void {
    if (ending) return;
    ending = true;
    void starting.then((agent) => agent.stop()).finally(() => process.exit(0));
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
  await starting;
}

// A snapshot holds the heap as it is once nothing is left to do, and begins with the function (see installAgent).
if (startupSnapshot.isBuildingSnapshot()) {
  startupSnapshot.setDeserializeMainFunction(() => {
    // Node remembers from then when the next timer was due, and would never wait for one that is due later. This one is due sooner
    // than any of then, and when it runs, Node looks again.
    setTimeout(() => undefined, 1);
    void main();
  });
  // A path below the working directory: that of a socket is no longer than 107 bytes, wherever the agent is installed.
  void rehearse('rehearsal');
} else void main();
