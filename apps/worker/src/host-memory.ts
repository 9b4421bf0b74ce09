import { readFileSync } from 'node:fs';
import type { HostMemory } from '@sandboxed/domain';

/** Memory of the host as the kernel reports it (a container sees the host's figures too). MiB. */
export function readHostMemory(path = '/proc/meminfo'): HostMemory {
  const text = readFileSync(path, 'utf8');
  return {
    totalMb: field(text, 'MemTotal'),
    availableMb: field(text, 'MemAvailable'),
  };
}

function field(text: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text);
  if (match?.[1] === undefined)
    throw new Error(`the kernel does not report ${name}`);
  return Number(match[1]) / 1024;
}
