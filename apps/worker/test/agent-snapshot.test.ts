import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { AgentClient } from '@sandboxed/agent';
import {
  readAll,
  run,
  untilOutput,
  untilService,
} from '../../../libs/agent/test/drive.ts';
import { newId } from '../../../libs/agent/test/ids.ts';
import {
  disposeAgents,
  startTestAgent,
} from '../../../libs/agent/test/start-agent.ts';
import {
  buildSnapshot,
  SNAPSHOT,
  withSnapshot,
} from '../src/agent-snapshot.ts';

const ROOT = path.join(__dirname, '../../..');

let root: string;
beforeAll(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-snapshot-'));
  const module = path.join(ROOT, 'scripts/bundle-agent.mjs');
  const program = `import { bundleAgent } from ${JSON.stringify(module)};
    await bundleAgent(${JSON.stringify(root)});`;
  execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: ROOT,
    stdio: 'inherit',
    timeout: 60_000,
  });
  await make('installed', bundled());
}, 120_000);
afterEach(disposeAgents);
afterAll(() => {
  fs.rmSync(root, { recursive: true });
});

const bundled = () => fs.readFileSync(path.join(root, 'agent.cjs'), 'utf8');

/** Bundle, Node and snapshot in a directory, as `installAgent` has them. */
async function make(name: string, bundle: string): Promise<void> {
  const directory = path.join(root, name);
  fs.mkdirSync(directory);
  fs.writeFileSync(path.join(directory, 'agent.cjs'), bundle);
  // This very Node: no other begins with the snapshot, and one that makes none fails here.
  fs.symlinkSync(process.execPath, path.join(directory, 'node'));
  await buildSnapshot(directory, 'agent.cjs');
}

const start = (name = 'installed') =>
  startTestAgent(undefined, withSnapshot(path.join(root, name, SNAPSHOT)));

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('no port');
  server.close();
  return address.port;
}

async function expectTimeout(
  client: AgentClient,
  timeout_ms: number,
): Promise<void> {
  const startedAt = performance.now();
  const { state } = await run(client, { cmd: ['sleep', '60'], timeout_ms });
  expect(state).toMatchObject({ timed_out: true, signal: 'SIGTERM' });
  expect(performance.now() - startedAt).toBeLessThan(5_000);
}

describe('an agent that begins with its snapshot', () => {
  it('is made by the Node that sandboxes have', () => {
    const pinned = path.join(ROOT, 'node_modules/.bin/node');
    expect(process.version).toBe(
      execFileSync(pinned, ['--version'], { encoding: 'utf8' }).trim(),
    );
  });

  it('ends a command at its time limit, as its first timer and as a later one', async () => {
    const { client } = await start();
    for (const timeout_ms of [1_000, 200])
      await expectTimeout(client, timeout_ms);
  }, 15_000);

  it('does so also where its rehearsal left a timer that was due', async () => {
    const hasty = bundled().replace(',await pause(LAST_MS)', '');
    expect(hasty).not.toBe(bundled());
    await make('hasty', hasty);
    const { client } = await start('hasty');
    await expectTimeout(client, 1_000);
  }, 30_000);

  it('runs commands with the environment of its start and the boot', async () => {
    const { client } = await start();
    await client.boot({ env: { A: 'boot' }, services: [] });
    const ended = await run(client, {
      shell: 'echo $FROM_IMAGE $A $(cat); echo err >&2; exit 7',
      stdin: 'input',
    });
    expect(ended).toMatchObject({
      stdout: 'image boot input\n',
      stderr: 'err\n',
      state: { status: 'exited', exit_code: 7, timed_out: false },
    });
  });

  it('tells output while it is written, to its end', async () => {
    const { client, app } = await start();
    const id = newId();
    await client.startProcess({
      id,
      shell:
        'echo first; while [ ! -e go ]; do sleep 0.02; done; echo last; exit 3',
      output_cap_bytes: 1_000,
    });
    await untilOutput(client, id, 'first');
    fs.writeFileSync(path.join(app, 'go'), '');
    expect(await readAll(client, id)).toMatchObject({
      stdout: 'first\nlast\n',
      state: { exit_code: 3 },
    });
  });

  it('runs services: up when the port is open, started again after a pause when they end', async () => {
    const { client } = await start();
    await client.putService('falls', { command: 'exit 3' });
    const port = await freePort();
    await client.putService('web', {
      command: `exec python3 -m http.server ${String(port)} --bind 127.0.0.1`,
      port,
    });
    const web = await untilService(
      client,
      'web',
      ({ status }) => status === 'running',
    );
    expect(web).toMatchObject({ port_open: true, restarts: 0 });
    await untilService(client, 'falls', ({ restarts }) => restarts >= 1);
  });

  it('ends when it is asked to', async () => {
    const { end } = await start();
    expect(await end('SIGTERM')).toBe(0);
  });
});
