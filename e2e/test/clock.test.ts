import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Clients } from '../src/faults/clients.ts';
import { createClients } from '../src/faults/clients.ts';
import { crashAt } from '../src/faults/run-lanes.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';

const HOUR_MS = 3_600_000;
const stateSchema = z.looseObject({ status: z.string() });

let stack: OwnStack;
let clients: Clients;
beforeAll(async () => {
  stack = await startOwnStack();
}, 60_000);
beforeEach(() => {
  clients = createClients(stack);
});
afterAll(() => stack.close(), 60_000);

async function untilStopped(id: string, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const { body } = await clients.call('GET', `/sandbox/${id}`);
    const { status } = stateSchema.parse(body);
    if (status === 'stopped') return;
    if (performance.now() > deadline)
      throw new Error(`${id} is ${status} after ${withinMs} ms`);
    await pause(250);
  }
}

/** Everything that goes by the clock, begun before it jumps by `shiftMs` and after. */
async function acrossA(shiftMs: number): Promise<void> {
  const [id, killed, idle] = [
    await clients.create(),
    await clients.create(),
    await clients.create({ idle_timeout_seconds: 10 }),
  ];
  const waiting = clients.call('POST', `/sandbox/${id}/exec?wait=60`, {
    shell: 'sleep 6; echo waited for',
  });
  const long = await clients.mark(
    id,
    'for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 1; done',
  );
  const following = clients.follow(long);
  // Its lease is of the time before the jump.
  const stop = await crashAt(stack, 'stop.gated', () =>
    clients.submit('stop', killed, 'POST', `/v1/sandboxes/${killed}/stop`, {}),
  );

  await stack.shiftClock(shiftMs);
  const after = await clients.mark(id);
  const woken = await clients.submit(
    'start',
    killed,
    'POST',
    `/v1/sandboxes/${killed}/start`,
    {},
  );
  expect((await clients.ended(after)).status).toBe('succeeded');
  expect((await clients.ended(stop)).status).toBe('succeeded');
  expect((await clients.ended(woken)).status).toBe('succeeded');
  expect(await clients.ended(long)).toMatchObject({
    status: 'succeeded',
    result: { stdout: '1\n2\n3\n4\n5\n6\n7\n8\n' },
  });
  await following;
  expect((await waiting).body).toMatchObject({ stdout: 'waited for\n' });
  expect((await clients.call('GET', '/readyz')).status).toBe(200);

  // A lease of the time after the jump runs out, too; ticks go on: what is idle is stopped.
  const again = await crashAt(stack, 'stop.gated', () =>
    clients.submit('stop', killed, 'POST', `/v1/sandboxes/${killed}/stop`, {}),
  );
  expect((await clients.ended(again)).status).toBe('succeeded');
  await untilStopped(idle, 45_000);
  expect(await clients.violations()).toEqual([]);
}

it('loses and delays nothing when the clock is set back an hour', async () => {
  await acrossA(-HOUR_MS);
}, 120_000);

it('loses and delays nothing when it is set forward an hour', async () => {
  await acrossA(0);
}, 120_000);
