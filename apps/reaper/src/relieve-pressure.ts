import type {
  HostMemory,
  JobId,
  MemoryBand,
  SandboxId,
  SandboxRecord,
} from '@sandboxed/domain';
import {
  decidePressure,
  EMERGENCY_REASON,
  emergencyOrder,
  nextBand,
  PRESSURE_ACTOR,
  PRESSURE_IDLE_SECONDS,
  PRESSURE_STOPS,
  wantsMemory,
} from '@sandboxed/domain';
import type { MemoryReading } from '@sandboxed/store';
import { interrupt } from './interrupt.ts';
import type { IdleDeps } from './propose-idle-stops.ts';

export interface PressureDeps extends IdleDeps {
  readonly hostMemory: () => HostMemory;
  /** Tells the worker of a running job that it is cancelled; sooner than that finds out by itself. */
  readonly publishCancel: (id: JobId) => void;
}

export interface Relief {
  readonly band: MemoryBand;
  readonly before: MemoryBand;
  readonly stops: readonly SandboxId[];
}

/**
 * Reads the host's memory, writes down the band it is in, and proposes a few stops while it is short: sandboxes that nobody uses,
 * longest idle first; in an emergency any, most memory first, after ending their work. No more before those are done, since what
 * they free shows only then. One transaction, so that two reapers propose no more than one.
 */
export function relievePressure(deps: PressureDeps): Relief {
  const { store, hostMemory, now, publishCancel } = deps;
  const host = hostMemory();
  const cancelled: JobId[] = [];
  const relief = store.transaction((): Relief => {
    const before = store.pressure.get()?.band ?? 'normal';
    const reading = { ...host, band: nextBand(before, host), at: now() };
    store.pressure.put(reading);
    const stops =
      reading.band === 'emergency'
        ? stopAnybody(deps, reading, cancelled)
        : stopIdle(deps, reading);
    return { band: reading.band, before, stops };
  });
  for (const id of cancelled) publishCancel(id);
  return relief;
}

/** Also while a start waits: on a small host that is before memory is short. */
function stopIdle(
  deps: PressureDeps,
  reading: MemoryReading,
): readonly SandboxId[] {
  const { store } = deps;
  const facts = { band: reading.band, startsWaiting: store.starts.count() };
  const { at } = reading;
  if (!wantsMemory(facts)) return [];
  // What nobody has yet goes first: whether that is enough, the next reading shows.
  if (store.warmPool.retire('all') > 0) return [];
  return store.pressure
    .idleSince(at - PRESSURE_IDLE_SECONDS * 1_000, at, PRESSURE_STOPS.high)
    .filter((sandbox) => decidePressure(facts, sandbox, 0, at).stop)
    .slice(0, Math.max(0, PRESSURE_STOPS.high - store.pressure.stopsUnderWay()))
    .map((sandbox) => propose(deps, sandbox, reading, 0));
}

function stopAnybody(
  deps: PressureDeps,
  reading: MemoryReading,
  cancelled: JobId[],
): readonly SandboxId[] {
  const { store } = deps;
  const { at } = reading;
  store.warmPool.retire('all');
  const left = PRESSURE_STOPS.emergency - store.pressure.stopsUnderWay();
  return emergencyOrder(store.pressure.running())
    .slice(0, Math.max(0, left))
    .map(({ sandbox }) => {
      const told = interrupt(store, {
        sandboxId: sandbox.id,
        actor: PRESSURE_ACTOR,
        reason: EMERGENCY_REASON,
        propose: (interrupted) => propose(deps, sandbox, reading, interrupted),
        now: at,
      });
      cancelled.push(...told);
      return sandbox.id;
    });
}

function propose(
  { store, newJobId }: PressureDeps,
  { id, last_active_at }: SandboxRecord,
  { band, availableMb, totalMb, at }: MemoryReading,
  interrupted: number,
): SandboxId {
  store.jobs.submit({
    id: newJobId(),
    sandboxId: id,
    kind: 'stop',
    payload: {
      force: interrupted > 0,
      if_pressed: {
        band,
        available_mb: Math.floor(availableMb),
        total_mb: Math.floor(totalMb),
        last_active_at,
        interrupted,
      },
    },
    requestedBy: PRESSURE_ACTOR,
    now: at,
  });
  return id;
}
