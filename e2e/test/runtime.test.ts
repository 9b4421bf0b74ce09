import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { createClients } from '../src/faults/clients.ts';
import { agentSource } from '../src/own-stack/agent-source.ts';
import { bundle } from '../src/own-stack/bundle.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { docker } from '../src/stack.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

it('sandboxes run in the runtime that the settings name, of those that the Engine has', async () => {
  // The only further one of every Engine; runsc and kata are chosen in the same way.
  const runtime = 'io.containerd.runc.v2';
  const stack = await startOwnStack({
    workers: 1,
    env: { SANDBOXED_RUNTIME: runtime },
  });
  try {
    const clients = createClients(stack);
    const id = await clients.create();
    expect(
      await docker(
        ...['inspect', '-f', '{{.HostConfig.Runtime}}'],
        `s-${id.toLowerCase()}`,
      ),
    ).toBe(runtime);
    expect((await clients.ended(await clients.mark(id))).status).toBe(
      'succeeded',
    );
  } finally {
    await stack.close();
  }
}, 120_000);

it('a worker does not begin with a runtime that the Engine does not have, and names those that it has', async () => {
  await bundle(root);
  const home = await mkdtemp(join(tmpdir(), 'runtime-'));
  try {
    const ended = run(process.execPath, [join(root, 'dist/worker.mjs')], {
      timeout: 20_000,
      env: {
        SANDBOXED_DATA_DIR: home,
        SANDBOXED_INSTANCE: 'no-runtime',
        SANDBOXED_BRIDGE_PREFIX: 'nortme',
        SANDBOXED_AGENT_SOURCE: await agentSource(root, home),
        SANDBOXED_RUNTIME: 'not-there',
      },
    });
    const failure = z
      .object({ code: z.number(), stderr: z.string() })
      .parse(await ended.catch((error: unknown) => error));
    expect(failure).toEqual({
      code: 78,
      stderr: expect.stringMatching(
        /SANDBOXED_RUNTIME: .*no runtime "not-there", it offers .*runc/,
      ),
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}, 120_000);
