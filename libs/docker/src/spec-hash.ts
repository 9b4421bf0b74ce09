import { createHash } from 'node:crypto';
import type { CreateBody } from './create-options.ts';

/** Short hash of everything the Engine is told about a container; the order of keys does not count. */
export function specHash(body: CreateBody): string {
  return createHash('sha256')
    .update(JSON.stringify(body, sortKeys))
    .digest('hex')
    .slice(0, 16);
}

/** The same without the limits, which a living container can be given. */
export function poolHash(body: CreateBody): string {
  const { Memory, MemorySwap, NanoCpus, PidsLimit, ...rest } = body.HostConfig;
  return specHash({ ...body, HostConfig: rest });
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
