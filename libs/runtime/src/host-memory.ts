import { readFileSync } from 'node:fs';

/**
 * Memory of the host in MiB, from a file in the form of the kernel's `/proc/meminfo`: a container sees the host's figures there
 * too, whatever its own limit and with either version of cgroups. Throws when it cannot be read.
 */
export function readHostMemory(path: string): {
  readonly totalMb: number;
  readonly availableMb: number;
} {
  const text = readFileSync(path, 'utf8');
  return {
    totalMb: field(text, path, 'MemTotal'),
    availableMb: field(text, path, 'MemAvailable'),
  };
}

function field(text: string, path: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text);
  if (match?.[1] === undefined)
    throw new Error(`${path} does not tell ${name}`);
  return Number(match[1]) / 1024;
}
