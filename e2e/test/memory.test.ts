import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { ProcessMemory } from '../../bench/src/control-plane-memory.ts';
import { addMemory, readMemory } from '../../bench/src/control-plane-memory.ts';
import { docker } from '../src/own-stack/docker.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';

const MIB = 1_048_576;
/** Of api, two workers, reaper, redis and Traefik together. What is aimed at is 450; a tenth is left to other machines. */
const CONTROL_PLANE_RSS = 495 * MIB;
/** Of the init process and the resident agent of a sandbox that does nothing. It is 16 without, and 22 with, what fetch needs. */
const SANDBOX_ANONYMOUS = 20 * MIB;
const SETTLED_MS = 30_000;

let stack: OwnStack;

beforeAll(async () => {
  stack = await startOwnStack();
}, 60_000);

afterAll(async () => {
  await stack.close();
}, 60_000);

it('the idle control plane stays within its memory', async () => {
  const pids = [...stack.children.values()].map((child) => {
    const pid = child.pid();
    if (pid === undefined) throw new Error(`${child.name} is down`);
    return pid;
  });
  pids.push(await mainProcess(`${stack.instance}-edge`));
  const memory = await settled(
    async () => addMemory(await Promise.all(pids.map(readMemory))),
    ({ rss }) => rss <= CONTROL_PLANE_RSS,
  );
  expect(memory.rss).toBeLessThanOrEqual(CONTROL_PLANE_RSS);
}, 60_000);

it('the agent of an idle sandbox stays within its memory', async () => {
  const created = await fetch(`${stack.api}/sandbox?wait=60`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  const { id } = z.object({ id: z.string() }).parse(await created.json());
  const init = await mainProcess(`s-${id.toLowerCase()}`);
  const memory = await settled(
    () => readMemory(init),
    ({ anonymous }) => anonymous <= SANDBOX_ANONYMOUS,
  );
  expect(memory.anonymous).toBeLessThanOrEqual(SANDBOX_ANONYMOUS);
}, 90_000);

/** Reads until it is as wanted, at most {@link SETTLED_MS}: what a start needed is given back some moments later. */
async function settled(
  read: () => Promise<ProcessMemory>,
  isWanted: (memory: ProcessMemory) => boolean,
): Promise<ProcessMemory> {
  const deadline = performance.now() + SETTLED_MS;
  let memory = await read();
  while (!isWanted(memory) && performance.now() < deadline) {
    await pause(500);
    memory = await read();
  }
  return memory;
}

async function mainProcess(container: string): Promise<number> {
  const [pid] = await docker(
    ...['inspect', '--format', '{{.State.Pid}}', container],
  );
  return z.coerce.number().positive().parse(pid);
}
