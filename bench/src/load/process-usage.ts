import { readFile } from 'node:fs/promises';
import type { OwnStack } from '../../../e2e/src/own-stack/own-stack.ts';

/** The kernel counts in these, on every Linux that Node runs on. Milliseconds. */
const TICK_MS = 10;
const PAGE_BYTES = 4_096;

/** What a process has used of the CPU since it began, and holds of memory now. */
export interface Usage {
  readonly cpuMs: number;
  readonly rssMb: number;
}

/** By name of the process; those that are down are left out. */
export async function usageOf(
  own: OwnStack,
): Promise<ReadonlyMap<string, Usage>> {
  const all = new Map<string, Usage>();
  for (const [name, child] of own.children) {
    const pid = child.pid();
    if (pid !== undefined) all.set(name, await read(pid));
  }
  return all;
}

async function read(pid: number): Promise<Usage> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name, which is in brackets, may have blanks in it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const figure = (index: number): number => Number(fields[index] ?? NaN);
  return {
    cpuMs: (figure(11) + figure(12)) * TICK_MS,
    rssMb: (figure(21) * PAGE_BYTES) / 1_048_576,
  };
}

/** CPU between two readings, by process, workers together. Milliseconds. */
export function cpuBetween(
  before: ReadonlyMap<string, Usage>,
  after: ReadonlyMap<string, Usage>,
): Readonly<Record<string, number>> {
  const spent: Record<string, number> = {};
  for (const [name, { cpuMs }] of after) {
    const kind = name.replace(/-\d+$/, '');
    spent[kind] = (spent[kind] ?? 0) + cpuMs - (before.get(name)?.cpuMs ?? 0);
  }
  return spent;
}
