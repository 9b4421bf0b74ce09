import type { HostMemory } from './admission.ts';
import type { IdleDecision } from './idle.ts';
import { decideIdle } from './idle.ts';
import type { SandboxRecord } from './sandbox.ts';

/** How short of memory the host is. */
export const MEMORY_BANDS = ['normal', 'high', 'emergency'] as const;
export type MemoryBand = (typeof MEMORY_BANDS)[number];

/**
 * Shares of the host's memory that is available, below which a band is entered and above which it is left. `high` begins before
 * starts are refused (headroom of 10 %), so that what nobody uses makes room for what somebody wants. `emergency` begins before
 * the kernel's own killer does, which picks any process. The distance between the two keeps one stop's worth from swinging it.
 */
export const BAND_LIMITS = {
  high: { enter: 0.15, leave: 0.2 },
  emergency: { enter: 0.05, leave: 0.08 },
} as const;

/** Stops for memory that may be under way at once: what they free shows only when they are done. */
export const PRESSURE_STOPS = { high: 3, emergency: 2 } as const;
/** Under pressure a sandbox counts as idle after this time, which several samples fall into. Shorter ones would hit a person who thinks. */
export const PRESSURE_IDLE_SECONDS = 30;

/** The band after a reading of the host's memory. */
export function nextBand(band: MemoryBand, host: HostMemory): MemoryBand {
  const share = host.availableMb / host.totalMb;
  const isIn = (name: 'high' | 'emergency', inside: boolean): boolean =>
    share < BAND_LIMITS[name][inside ? 'leave' : 'enter'];
  if (isIn('emergency', band === 'emergency')) return 'emergency';
  return isIn('high', band !== 'normal') ? 'high' : 'normal';
}

/** What speaks for a stop for memory. */
export interface PressureFacts {
  readonly band: MemoryBand;
  /** Starts that wait for memory. */
  readonly startsWaiting: number;
}

/** Whether sandboxes that nobody uses are to make room: the host is short of memory, or somebody waits to start one. */
export function wantsMemory({ band, startsWaiting }: PressureFacts): boolean {
  return band !== 'normal' || startsWaiting > 0;
}

/** Whether an idle sandbox is to be stopped for memory before its timeout. Times in ms; `unfinishedJobs` as in {@link decideIdle}. */
export function decidePressure(
  facts: PressureFacts,
  sandbox: Parameters<typeof decideIdle>[0],
  unfinishedJobs: number,
  now: number,
): IdleDecision {
  if (!wantsMemory(facts))
    return { stop: false, why: 'there is memory enough again' };
  const idle_timeout_seconds = Math.min(
    sandbox.idle_timeout_seconds,
    PRESSURE_IDLE_SECONDS,
  );
  return decideIdle({ ...sandbox, idle_timeout_seconds }, unfinishedJobs, now);
}

/** A running sandbox, as an emergency sees it. */
export interface Heavy {
  readonly sandbox: SandboxRecord;
  /** As last sampled; 0 when unknown. */
  readonly memoryBytes: number;
}

/** The order in which an emergency stops sandboxes, whatever they do: most memory first, those that are always on last. */
export function emergencyOrder(running: readonly Heavy[]): readonly Heavy[] {
  const isKept = ({ sandbox }: Heavy): number =>
    sandbox.idle_policy === 'always_on' ? 1 : 0;
  return running.toSorted(
    (one, other) =>
      isKept(one) - isKept(other) || other.memoryBytes - one.memoryBytes,
  );
}

/** Who asks for stops for memory. */
export const PRESSURE_ACTOR = 'reaper:pressure';
/** What the users of a sandbox are told of an emergency stop. */
export const EMERGENCY_REASON =
  'The host was about to run out of memory, so this sandbox was stopped.';
