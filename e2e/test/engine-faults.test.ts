import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Clients } from '../src/faults/clients.ts';
import { createClients } from '../src/faults/clients.ts';
import { heldAt } from '../src/faults/held-at.ts';
import { docker } from '../src/own-stack/docker.ts';
import type { EngineSocket } from '../src/own-stack/engine-socket.ts';
import { startEngineSocket } from '../src/own-stack/engine-socket.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { preview, sandboxSchema, until, WEB_SERVICE } from '../src/stack.ts';

let directory: string;
let engine: EngineSocket;
let stack: OwnStack;
let clients: Clients;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'engine-'));
  const path = join(directory, 'engine.sock');
  engine = await startEngineSocket(path);
  stack = await startOwnStack({ env: { SANDBOXED_DOCKER_SOCKET: path } });
}, 60_000);
beforeEach(() => {
  clients = createClients(stack);
});
afterAll(async () => {
  await stack.close();
  await engine.close();
  await rm(directory, { recursive: true });
}, 60_000);

/** How long what is away stays away: the fault itself, longer than a worker's first tries. */
const OUTAGE_MS = 6_000;
const statusSchema = z.looseObject({ status: z.string() });
const untilStatus = (id: string, status: string, withinMs = 20_000) =>
  until(`${id} to be ${status}`, withinMs, async () => {
    const { body } = await clients.call('GET', `/sandbox/${id}`);
    return statusSchema.parse(body).status === status ? true : undefined;
  });
const stop = (id: string) =>
  clients.submit('stop', id, 'POST', `/v1/sandboxes/${id}/stop`, {});
const start = (id: string) =>
  clients.submit('start', id, 'POST', `/v1/sandboxes/${id}/start`, {});
const containerOf = (id: string): string => `s-${id.toLowerCase()}`;

describe('a container that somebody else', () => {
  it('killed while a command ran: the job tells, and the sandbox starts again for the next', async () => {
    const id = await clients.create();
    const job = await clients.mark(id, 'sleep 300');
    await pause(1_000);
    await docker('kill', containerOf(id));
    expect(await clients.ended(job)).toMatchObject({
      status: 'failed',
      error: { code: 'sandbox_not_running' },
    });
    await untilStatus(id, 'stopped');
    expect((await clients.ended(await clients.mark(id))).status).toBe(
      'succeeded',
    );
    expect(await clients.violations()).toEqual([]);
  }, 90_000);

  it('removed is made anew with the same files', async () => {
    const id = await clients.create();
    await clients.put(id, 'kept', 'kept');
    await docker('rm', '-f', containerOf(id));
    await untilStatus(id, 'stopped');
    expect((await clients.ended(await start(id))).status).toBe('succeeded');
    expect((await clients.ended(await clients.mark(id))).status).toBe(
      'succeeded',
    );
    expect(await clients.violations()).toEqual([]);
  }, 90_000);

  it('removed in the middle of its start is made again', async () => {
    const id = await clients.create();
    await clients.ended(await stop(id));
    await stack.arm('start.started', 'SIGSTOP');
    const job = await start(id);
    const goOn = await heldAt(stack, 'start.started');
    await docker('rm', '-f', containerOf(id));
    goOn();
    expect((await clients.ended(job, 40_000)).status).toBe('succeeded');
    expect(await clients.violations()).toEqual([]);
  }, 90_000);

  it('started runs as a sandbox that was started here', async () => {
    const id = await clients.create();
    await clients.ended(await stop(id));
    await docker('start', containerOf(id));
    await untilStatus(id, 'running');
    expect((await clients.ended(await clients.mark(id))).status).toBe(
      'succeeded',
    );
    expect(await clients.violations()).toEqual([]);
  }, 90_000);

  it('paused goes on', async () => {
    const id = await clients.create();
    await docker('pause', containerOf(id));
    const job = await clients.mark(id);
    expect((await clients.ended(job, 40_000)).status).toBe('succeeded');
    expect(await clients.violations()).toEqual([]);
  }, 90_000);
});

it('an Engine that is away for a while delays work and fails none', async () => {
  const [id, asleep] = [await clients.create(), await clients.create()];
  await clients.ended(await stop(asleep));
  const running = await clients.mark(id, 'echo a; sleep 4; echo b');
  const following = clients.follow(running);
  await engine.cut();
  const jobs = [
    await start(asleep),
    await clients.mark(id),
    await clients.submit('create', undefined, 'POST', '/sandbox', {}),
  ];
  await pause(OUTAGE_MS);
  await engine.mend();
  for (const job of [running, ...jobs])
    expect(await clients.ended(job, 30_000)).toMatchObject({
      status: 'succeeded',
    });
  await following;
  expect(await clients.violations()).toEqual([]);
}, 120_000);

it('a socket proxy that is killed, or away for a while, delays work and fails none', async () => {
  const [id, asleep] = [await clients.create(), await clients.create()];
  await clients.ended(await stop(asleep));
  const running = await clients.mark(id, 'echo a; sleep 4; echo b');
  await stack.socketProxy.kill();
  await stack.socketProxy.down('SIGTERM');
  const jobs = [
    await start(asleep),
    await clients.mark(id),
    await clients.submit('create', undefined, 'POST', '/sandbox', {}),
  ];
  await pause(OUTAGE_MS);
  stack.socketProxy.up();
  for (const job of [running, ...jobs])
    expect(await clients.ended(job, 30_000)).toMatchObject({
      status: 'succeeded',
    });
  // Traefik hears of what starts from now on.
  const served = await clients.create();
  await clients.submit(
    'service',
    served,
    'PUT',
    `/v1/sandboxes/${served}/services/web`,
    WEB_SERVICE,
  );
  const { body } = await clients.call('GET', `/sandbox/${served}`);
  const url = sandboxSchema.parse(body).preview_urls['3000'] ?? '';
  await until('its preview', 60_000, async () => {
    const { status } = await preview(url, { port: stack.edgePort });
    return status === 200 ? true : undefined;
  });
  // Events are followed again, well before the next round of reconciling would tell.
  await docker('kill', containerOf(id));
  await untilStatus(id, 'stopped');
  expect(await clients.violations()).toEqual([]);
}, 120_000);
