import { readFile } from 'node:fs/promises';

/** What a process, or a process with all below it, holds. Bytes. */
export interface ProcessMemory {
  /** Resident, with what it shares with others counted in full. */
  readonly rss: number;
  /** Resident, with what it shares divided by the number of those who share it: these may be added up. */
  readonly pss: number;
  /** Its own alone: what ending it would give back, but for pages of files. */
  readonly anonymous: number;
}

/**
 * Memory of a process and of all its descendants, by `/proc`, as root. Descendants that end meanwhile count as nothing; rejects when the
 * process itself is gone.
 */
export async function readMemory(pid: number): Promise<ProcessMemory> {
  const own = parseRollup(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'));
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const below = await Promise.all(
    children
      .split(' ')
      .filter((child) => child.trim() !== '')
      .map((child) => readMemory(Number(child)).catch(() => NOTHING)),
  );
  return addMemory([own, ...below]);
}

const NOTHING: ProcessMemory = { rss: 0, pss: 0, anonymous: 0 };

/** The sum of several. Sums of `rss` count shared pages once for each. */
export function addMemory(all: readonly ProcessMemory[]): ProcessMemory {
  return all.reduce(
    (sum, each) => ({
      rss: sum.rss + each.rss,
      pss: sum.pss + each.pss,
      anonymous: sum.anonymous + each.anonymous,
    }),
    NOTHING,
  );
}

function parseRollup(text: string): ProcessMemory {
  const bytes = (name: string): number => {
    const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
    if (kib === undefined) throw new Error(`smaps_rollup has no ${name}`);
    return Number(kib) * 1_024;
  };
  return {
    rss: bytes('Rss'),
    pss: bytes('Pss'),
    anonymous: bytes('Anonymous'),
  };
}
