import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clients } from '../src/faults/clients.ts';
import { createClients } from '../src/faults/clients.ts';
import { heldAt } from '../src/faults/held-at.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';

let stack: OwnStack;
let clients: Clients;
beforeAll(async () => {
  stack = await startOwnStack();
}, 60_000);
beforeEach(() => {
  clients = createClients(stack);
});
afterAll(() => stack.close(), 60_000);

const cancel = (job: string) =>
  clients.call('POST', `/v1/jobs/${job}/cancel`, {});
const marksOf = (id: string): Promise<string> =>
  readFile(
    join(stack.dataDir, 'workspaces', id, 'workspace/app/marks'),
    'utf8',
  ).catch(() => '');

describe('a command that is cancelled', () => {
  it('before it starts never runs', async () => {
    const id = await clients.create();
    await stack.arm('stop.gated', 'SIGSTOP');
    const stop = await clients.submit(
      ...(['stop', id, 'POST', `/v1/sandboxes/${id}/stop`, {}] as const),
    );
    const goOn = await heldAt(stack, 'stop.gated');
    const job = await clients.mark(id);
    expect((await cancel(job)).status).toBe(202);
    expect((await clients.ended(job)).status).toBe('cancelled');
    goOn();
    expect((await clients.ended(stop)).status).toBe('succeeded');
    expect(await marksOf(id)).toBe('');
    expect(await clients.violations()).toEqual([]);
  }, 90_000);

  it('while it is being started is ended at once', async () => {
    const id = await clients.create();
    await stack.arm('exec.starting', 'SIGSTOP');
    const job = await clients.mark(id, 'sleep 300');
    const goOn = await heldAt(stack, 'exec.starting');
    expect((await cancel(job)).status).toBe(202);
    goOn();
    expect((await clients.ended(job, 10_000)).status).toBe('cancelled');
    await clients.follow(job);
    const left = await clients.ended(await clients.mark(id, 'pgrep -xc sleep'));
    expect(left.result).toMatchObject({ stdout: '0\n' });
    expect(await clients.violations()).toEqual([]);
  }, 90_000);

  it('while it runs is ended with what it wrote so far, also if its worker is killed then', async () => {
    const id = await clients.create();
    const jobs = [
      await clients.mark(id, 'echo so far; sleep 300'),
      await clients.mark(id, 'echo so far; sleep 300'),
    ];
    while ((await marksOf(id)).split('\n').length < 3) await pause(50);
    for (const job of jobs) expect((await cancel(job)).status).toBe(202);
    await Promise.all(stack.workers().map((worker) => worker.kill()));
    for (const job of jobs) {
      expect((await clients.ended(job)).status).toBe('cancelled');
      await clients.follow(job);
    }
    const left = await clients.ended(await clients.mark(id, 'pgrep -xc sleep'));
    expect(left.result).toMatchObject({ stdout: '0\n' });
    expect(await clients.violations()).toEqual([]);
  }, 90_000);

  it('after it ended is told so', async () => {
    const id = await clients.create();
    const job = await clients.mark(id);
    await clients.ended(job);
    const answer = await cancel(job);
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'job_finished' },
    });
    expect(await clients.violations()).toEqual([]);
  }, 90_000);
});
