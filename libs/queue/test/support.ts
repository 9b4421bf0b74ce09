import { randomBytes } from 'node:crypto';
import type { JobId } from '@sandboxed/domain';
import { jobIdSchema } from '@sandboxed/domain';
import { startRedis } from './redis-server.ts';
import type { RedisServer } from './redis-server.ts';

export const PREFIX = 'test';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A job id that no other test has. */
export function newJobId(): JobId {
  const tail = [...randomBytes(25)].map((byte) => ALPHABET[byte % 32] ?? '0');
  return jobIdSchema.parse(`0${tail.join('')}`);
}

/** Resolves as soon as `condition` holds; rejects after `ms`. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  ms = 15_000,
): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`not so within ${String(ms)} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Things to undo after a test, last made first. */
const undo: (() => unknown)[] = [];

/** Registers how `thing` is cleaned up and returns it. */
export function closing<T extends { close(ms: number): Promise<void> }>(
  thing: T,
): T {
  undo.push(() => thing.close(1_000));
  return thing;
}

/** Registers a clean-up of any kind. */
export function afterwards(work: () => unknown): void {
  undo.push(work);
}

/** A Redis for one test. */
export async function freshRedis(): Promise<RedisServer> {
  const redis = await startRedis();
  undo.push(() => redis.remove());
  return redis;
}

/** Call in `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (const work of undo.splice(0).reverse()) await work();
}
