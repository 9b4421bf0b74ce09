import { DomainError } from './errors.ts';

/** Host memory as a worker reads it, in MiB. */
export interface HostMemory {
  readonly totalMb: number;
  readonly availableMb: number;
}

/** What a start is assumed to need until its own use shows in the host's figures. MiB. */
export const START_COST_MB = 384;
/** Share of the host's memory that starts may not eat into. */
export const HEADROOM = 0.1;

/**
 * Admits a start, or throws `no_capacity`. `reservedMb` is what starts under way already hold:
 * counting it is what keeps a burst of wakes from over-committing.
 */
export function admitStart(
  host: HostMemory,
  reservedMb: number,
  limitMb: number,
): number {
  const cost = Math.min(START_COST_MB, limitMb);
  if (host.availableMb - reservedMb - cost < host.totalMb * HEADROOM)
    throw new DomainError(
      'no_capacity',
      `The host has ${String(Math.floor(host.availableMb))} MiB of memory left, too little to start another sandbox. Stop one, or try again later.`,
      { retryAfterSeconds: 30 },
    );
  return cost;
}
