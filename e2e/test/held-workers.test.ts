import { setTimeout as pause } from 'node:timers/promises';
import type { CrashPoint } from '@sandboxed/domain';
import type { Clients } from '../src/faults/clients.ts';
import { createClients } from '../src/faults/clients.ts';
import { heldAt } from '../src/faults/held-at.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';

let stack: OwnStack;
let clients: Clients;
beforeAll(async () => {
  stack = await startOwnStack({ workers: 3 });
}, 60_000);
beforeEach(() => {
  clients = createClients(stack);
});
afterAll(() => stack.close(), 60_000);

/** Does `begin` while the next process at the point is held there; answers the job and what lets it go on. */
async function holding(
  point: CrashPoint,
  begin: () => Promise<string>,
): Promise<{ job: string; goOn: () => void }> {
  await stack.arm(point, 'SIGSTOP');
  const job = await begin();
  return { job, goOn: await heldAt(stack, point) };
}

const stop = (id: string) =>
  clients.submit('stop', id, 'POST', `/v1/sandboxes/${id}/stop`, {});
const start = (id: string) =>
  clients.submit('start', id, 'POST', `/v1/sandboxes/${id}/start`, {});

describe('of two workers on one sandbox, the one that was held past its lease writes nothing:', () => {
  it('an exec whose output it read, a start, a stop and a purge go on with the other', async () => {
    const [a, b, c, d] = [
      await clients.create(),
      await clients.create(),
      await clients.create(),
      await clients.create(),
    ];
    await clients.ended(await stop(b));
    const exec = await holding('exec.output', () =>
      clients.mark(a, 'for i in 1 2 3 4 5 6; do echo $i; sleep 0.5; done'),
    );
    expect((await clients.ended(exec.job)).status).toBe('succeeded');
    exec.goOn();

    const steps = [
      await holding('start.prepared', () => start(b)),
      await holding('stop.gated', () => stop(c)),
    ];
    for (const { job } of steps)
      expect((await clients.ended(job)).status).toBe('succeeded');
    // The held ones wake up in a world that went on: b sleeps again, c runs again.
    expect((await clients.ended(await stop(b))).status).toBe('succeeded');
    expect((await clients.ended(await start(c))).status).toBe('succeeded');
    for (const { goOn } of steps) goOn();

    const purge = await holding('purge.moved', () =>
      clients.submit('purge', d, 'POST', `/sandbox/${d}/purge`),
    );
    expect((await clients.ended(purge.job)).status).toBe('succeeded');
    const again = await clients.submit('create', d, 'POST', '/sandbox', {
      id: d,
    });
    expect((await clients.ended(again)).status).toBe('succeeded');
    await clients.put(d, 'kept', 'by the next');
    purge.goOn();

    await pause(3_000);
    for (const [id, status] of [
      [b, 'stopped'],
      [c, 'running'],
      [d, 'running'],
    ])
      expect((await clients.call('GET', `/sandbox/${id}`)).body).toMatchObject({
        status,
      });
    expect(await clients.violations()).toEqual([]);
  }, 120_000);

  it('a command that it was about to start never runs once the job is told to be lost', async () => {
    const id = await clients.create();
    const { job, goOn } = await holding('exec.starting', () =>
      clients.mark(id),
    );
    expect(await clients.ended(job)).toMatchObject({
      status: 'failed',
      error: { code: 'worker_lost' },
    });
    goOn();
    await pause(2_000);
    const marks = await clients.ended(await clients.mark(id, 'cat marks'));
    const told = clients.told.marks[0]?.mark ?? '';
    expect(JSON.stringify(marks.result)).not.toContain(told);
    expect(await clients.violations()).toEqual([]);
  }, 90_000);
});
