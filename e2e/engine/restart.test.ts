import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { createClients } from '../src/faults/clients.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { reached } from '../src/inside.ts';
import { call, docker, ok, sandboxes, service, until } from '../src/stack.ts';
import { walls, wallsDuring } from '../src/watch-walls.ts';

const run = promisify(execFile);

let stack: OwnStack;
beforeAll(async () => {
  stack = await startOwnStack();
}, 60_000);
afterAll(() => stack.close(), 60_000);

const restartEngine = () =>
  run(join(__dirname, '../../scripts/engine.sh'), ['restart']);
const fleet = sandboxes();
afterEach(() => fleet.clean(), 120_000);

it('sandboxes are stopped by a restart of the Engine, their commands told so, and all of them start again', async () => {
  const clients = createClients(stack);
  const ids = [await clients.create(), await clients.create()];
  const [first = ''] = ids;
  await clients.put(first, 'kept', 'kept');
  const job = await clients.mark(first, 'sleep 300');
  await pause(1_000);
  await restartEngine();
  // Whichever the worker hears of first: the command's end by the Engine's signal, or its container's.
  const { error, result } = await clients.ended(job, 40_000);
  const { signal } = z
    .object({ signal: z.string().optional() })
    .parse(result ?? {});
  expect(error?.code ?? signal).toMatch(
    /^(sandbox_not_running|SIGTERM|SIGKILL)$/,
  );
  for (const id of ids) {
    await until(`${id} to be stopped`, 40_000, async () => {
      const { body } = await clients.call('GET', `/sandbox/${id}`);
      const { status } = z.object({ status: z.string() }).parse(body);
      return status === 'stopped' ? true : undefined;
    });
    const start = await clients.submit(
      'start',
      id,
      'POST',
      `/v1/sandboxes/${id}/start`,
      {},
    );
    expect((await clients.ended(start, 60_000)).status).toBe('succeeded');
    const mark = await clients.mark(id);
    expect((await clients.ended(mark)).status).toBe('succeeded');
  }
  expect(await clients.violations()).toEqual([]);
}, 240_000);

it('the walls of the installed stack stand through a restart of the Engine, and before a sandbox starts again', async () => {
  // The test before may have restarted the Engine a moment ago.
  await until('the API to answer', 90_000, () =>
    call('GET', '/healthz').then(
      ({ status }) => (status === 200 ? true : undefined),
      () => undefined,
    ),
  );
  const { id } = await fleet.create();
  const gateway = await docker(
    ...['network', 'inspect', '-f', '{{(index .IPAM.Config 0).Gateway}}'],
    'sandboxed-sandboxes',
  );
  // The firewall goes down with the Engine, and its rules, the kernel's, do not.
  const before = await walls();
  expect(before).toContain('drop');
  expect(await wallsDuring(restartEngine())).toEqual([before]);
  await until('the API to know that the sandbox was stopped', 90_000, () =>
    call('GET', `/sandbox/${id}`).then(
      ({ body }) =>
        /"status":"stopped"/.test(JSON.stringify(body)) ? true : undefined,
      () => undefined,
    ),
  );
  await ok('POST', `/sandbox/${id}/start?wait=60`);
  const [firewall = ''] = await service('firewall');
  await docker('exec', firewall, 'bash', '/app/firewall.sh', 'check');
  expect(await reached(id, [{ host: gateway, ports: [1, 10_000] }])).toEqual(
    [],
  );
}, 240_000);
