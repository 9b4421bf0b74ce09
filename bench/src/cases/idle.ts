import { setTimeout as pause } from 'node:timers/promises';
import type { Bench, Case } from '../case.ts';
import type { Process } from '../processes.ts';
import { cpuSeconds, memAvailableMb, memoryOf } from '../processes.ts';

const SETTLE_MS = 5_000;

/** Fills the host with sandboxes that do nothing, and empties it afterwards. */
async function withMany<T>(
  { client, create, extent }: Bench,
  work: () => Promise<T>,
): Promise<T> {
  const ids: string[] = [];
  for (let index = 0; index < extent.many; index += 1) ids.push(await create());
  // Agents finish coming up.
  await pause(SETTLE_MS);
  const found = await work();
  for (const id of ids) await client.purge(id);
  return found;
}

/** What the bounds count: api, workers, reaper, Redis and Traefik. The installed stack has two guards beside them. */
const isCounted = ({ name }: Process): boolean =>
  !/socket-proxy|firewall/.test(name);

const done = { attempts: 1, failed: 0, failures: [] };

export const idle: readonly Case[] = [
  {
    name: 'control-plane-memory',
    path: 'control plane, idle: RSS, MiB',
    bound: { kind: 'amount', most: 450, unit: 'MiB' },
    short: false,
    async run({ processes }) {
      const all = await processes();
      const { rssMb, pssMb } = await memoryOf(all.filter(isCounted));
      const whole = await memoryOf(all);
      return {
        ...{ ...done, amount: rssMb },
        note: `PSS ${pssMb.toFixed(0)} MiB; with socket proxy and firewall ${whole.rssMb.toFixed(0)}, PSS ${whole.pssMb.toFixed(0)} MiB`,
      };
    },
  },
  {
    name: 'sandbox-memory',
    path: 'idle running sandbox: memory of the host, MiB',
    bound: { kind: 'amount', most: 35, unit: 'MiB' },
    short: false,
    async run(bench) {
      const before = await memAvailableMb();
      const after = await withMany(bench, memAvailableMb);
      // All that a sandbox takes is gone from what is available: its processes, its shim, the kernel's and the Engine's share.
      return {
        ...{ ...done, amount: (before - after) / bench.extent.many },
        note: `MemAvailable, over ${bench.extent.many} sandboxes`,
      };
    },
  },
  {
    name: 'idle-cpu',
    path: 'control plane with idle sandboxes, % of a core',
    bound: { kind: 'amount', most: 5, unit: '%' },
    short: false,
    run: (bench) =>
      withMany(bench, async () => {
        const processes = await bench.processes();
        const counted = processes.filter(isCounted);
        const guards = processes.filter((each) => !isCounted(each));
        const seconds = bench.extent.idleSeconds;
        const look = () =>
          Promise.all([cpuSeconds(counted), cpuSeconds(guards)]);
        const before = await look();
        await pause(seconds * 1_000);
        const after = await look();
        const share = (index: 0 | 1) =>
          (100 * (after[index] - before[index])) / seconds;
        return {
          ...{ ...done, amount: share(0) },
          note: `${bench.extent.many} sandboxes, over ${seconds} s; socket proxy and firewall ${share(1).toFixed(1)} % more`,
        };
      }),
  },
];
