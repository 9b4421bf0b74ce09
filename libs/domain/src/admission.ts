import { DomainError } from './errors.ts';
import type { JobId, SandboxId } from './ids.ts';

/** Memory of the host, in MiB. */
export interface HostMemory {
  readonly totalMb: number;
  readonly availableMb: number;
}

/** A start that waits for memory. `waitingSince` in milliseconds since the epoch. */
export interface WaitingStart {
  readonly jobId: JobId;
  readonly sandboxId: SandboxId;
  readonly tenant: string;
  readonly costMb: number;
  readonly waitingSince: number;
}

/** What a start is assumed to need until its own use shows in the host's figures. MiB. */
export const START_COST_MB = 384;
/** Share of the host's memory that starts may not eat into. */
export const HEADROOM = 0.1;
/** Starts that may wait for memory at once; one more is refused. All of them are looked at each time memory is freed. */
export const MAX_WAITING_STARTS = 1_000;

/** What a start of a sandbox with this limit holds while it is under way. MiB. */
export function startCostMb(limitMb: number): number {
  return Math.min(START_COST_MB, limitMb);
}

/** MiB that starts may still be given; below zero when the headroom is eaten into. `reservedMb` is what starts under way hold. */
export function freeForStartsMb(host: HostMemory, reservedMb: number): number {
  return host.availableMb - reservedMb - host.totalMb * HEADROOM;
}

/**
 * Which waiting starts may go on with `freeMb`, in their order. The tenant that was served longest ago is next (`turns` has the
 * number of each tenant's last turn), within a tenant the oldest start; so a tenant waits for at most one start of each other one.
 * Whoever is next and does not fit holds up the others: else small starts could keep a large one waiting for ever.
 */
export function nextStarts(
  waiting: readonly WaitingStart[],
  turns: ReadonlyMap<string, number>,
  freeMb: number,
): readonly WaitingStart[] {
  const queues = new Map<string, WaitingStart[]>();
  for (const start of waiting) {
    const queue = queues.get(start.tenant);
    if (queue === undefined) queues.set(start.tenant, [start]);
    else queue.push(start);
  }
  // Those that never had a turn come first, by their oldest starts. Who is served goes to the end.
  const circle = [...queues]
    .sort(([one], [other]) => (turns.get(one) ?? 0) - (turns.get(other) ?? 0))
    .map(([, queue]) => queue);
  const admitted: WaitingStart[] = [];
  let rest = freeMb;
  for (let queue = circle.shift(); queue; queue = circle.shift()) {
    const start = queue.shift();
    if (start === undefined) continue;
    if (start.costMb > rest) break;
    rest -= start.costMb;
    admitted.push(start);
    circle.push(queue);
  }
  return admitted;
}

/** Why a start is given up. `waitedSeconds` 0: it did not wait. */
export function noCapacity(
  host: HostMemory,
  waitedSeconds: number,
): DomainError {
  const left = `The host has ${String(Math.floor(host.availableMb))} MiB of memory left`;
  return new DomainError(
    'no_capacity',
    waitedSeconds > 0
      ? `${left}, too little to start another sandbox, and none came free in ${String(waitedSeconds)} s. Stop one, or try again later.`
      : `${left}, and ${String(MAX_WAITING_STARTS)} starts wait for it already. Try again later.`,
    { retryAfterSeconds: 30 },
  );
}
