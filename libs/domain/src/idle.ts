import type { SandboxRecord } from './sandbox.ts';

/**
 * CPU share of one core above which a sandbox counts as working, and network bytes per sample above which there was traffic:
 * one small request moves about 1,150, a container that is left alone hears up to 70 in 10 s (measured).
 */
export const IDLE_CPU_FRACTION = 0.05;
export const IDLE_NETWORK_BYTES = 512;
/**
 * CPU work is judged over no less: to be asked for its figures costs an agent some milliseconds, which are much of the moment
 * between a sample and the reading that decides a stop. Nanoseconds.
 */
const SHORTEST_NANOS = 2e9;

/** Two readings of the Engine's figures for one container. `at` in milliseconds; counters only grow while it runs. */
export interface Reading {
  readonly at: number;
  readonly cpuNanos: number;
  readonly networkBytes: number;
}

/** Whether something happened between two readings. A counter that fell means a new container: active. */
export function wasActive(before: Reading, after: Reading): boolean {
  const elapsedNanos = (after.at - before.at) * 1e6;
  if (elapsedNanos <= 0) return false;
  const cpu = after.cpuNanos - before.cpuNanos;
  const network = after.networkBytes - before.networkBytes;
  if (cpu < 0 || network < 0) return true;
  return (
    cpu / Math.max(elapsedNanos, SHORTEST_NANOS) > IDLE_CPU_FRACTION ||
    network > IDLE_NETWORK_BYTES
  );
}

export type IdleDecision =
  | { readonly stop: true; readonly idleMs: number }
  | { readonly stop: false; readonly why: string };

/** Whether a sandbox is to be stopped for idleness. `unfinishedJobs` counts all but the stop itself. Times in ms. */
export function decideIdle(
  sandbox: Pick<
    SandboxRecord,
    | 'state'
    | 'idle_policy'
    | 'idle_timeout_seconds'
    | 'keepalive_until'
    | 'last_active_at'
  >,
  unfinishedJobs: number,
  now: number,
): IdleDecision {
  if (sandbox.state !== 'running') return { stop: false, why: 'not running' };
  if (sandbox.idle_policy === 'always_on')
    return { stop: false, why: 'always on' };
  if (unfinishedJobs > 0)
    return { stop: false, why: 'work is queued or running' };
  if (sandbox.keepalive_until !== null && sandbox.keepalive_until > now)
    return { stop: false, why: 'kept alive' };
  const idleMs = now - sandbox.last_active_at;
  return idleMs >= sandbox.idle_timeout_seconds * 1000
    ? { stop: true, idleMs }
    : { stop: false, why: 'active lately' };
}
