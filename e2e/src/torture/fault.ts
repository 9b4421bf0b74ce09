import { CRASH_POINTS } from '@sandboxed/domain';
import type { Random } from './random.ts';

/** How often each fault is chosen. */
const WEIGHTS = {
  kill_api: 8,
  kill_worker: 12,
  kill_reaper: 4,
  kill_redis: 5,
  kill_all: 2,
  hold_worker: 8,
  hold_redis: 4,
  empty_redis: 4,
  crash_point: 24,
  hold_point: 6,
  container_kill: 6,
  container_remove: 5,
  container_stop: 4,
  container_pause: 4,
  container_start: 3,
  lock_database: 5,
  clock: 2,
  memory: 3,
} as const;
export type FaultKind = keyof typeof WEIGHTS | 'engine_restart';

/** One choice of the faults' own stream. */
export interface Fault {
  readonly kind: FaultKind;
  readonly dice: readonly [number, number];
  readonly point: (typeof CRASH_POINTS)[number];
  /** Before it. Milliseconds. */
  readonly pauseMs: number;
}

/** Always takes as many numbers from the stream. */
export function nextFault(random: Random, withEngine: boolean): Fault {
  const kind = random.weighted(WEIGHTS);
  const dice = [random.next(), random.next()] as const;
  const restart = random.next();
  return {
    kind: withEngine && restart < 0.01 ? 'engine_restart' : kind,
    dice,
    point: random.pick(CRASH_POINTS),
    pauseMs: 300 + Math.floor(random.next() * 2_700),
  };
}
