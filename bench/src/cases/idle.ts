import { setTimeout as pause } from 'node:timers/promises';
import type { Bench, Case } from '../case.ts';
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

const done = { attempts: 1, failed: 0, failures: [] };

export const idle: readonly Case[] = [
  {
    name: 'control-plane-memory',
    path: 'control plane, idle: RSS of all processes, MiB',
    bound: { kind: 'amount', most: 450, unit: 'MiB' },
    short: false,
    async run({ processes }) {
      const { rssMb, pssMb } = await memoryOf(await processes());
      return { ...done, amount: rssMb, note: `PSS ${pssMb.toFixed(0)} MiB` };
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
        const seconds = bench.extent.idleSeconds;
        const before = await cpuSeconds(processes);
        await pause(seconds * 1_000);
        const used = (await cpuSeconds(processes)) - before;
        return {
          ...{ ...done, amount: (100 * used) / seconds },
          note: `${bench.extent.many} sandboxes, over ${seconds} s`,
        };
      }),
  },
];
