import { admitWaiting } from './admission.ts';
import type { WorkerDeps } from './context.ts';
import { clearLeftovers } from './leftovers.ts';
import { measureDue } from './measure-disk.ts';
import type { Reconciler } from './reconcile.ts';
import { sampleAll, weighAll } from './sample.ts';
import type { PoolSettings } from './warm-pool/keep-pool.ts';
import { keepPool } from './warm-pool/keep-pool.ts';

/** Ticks that run at once. */
export const MAINTENANCE_TICKS = 7;

/**
 * What a worker does on each tick, whose name is that of one or several things to do, such as `admit+pool`. A round of one kind never
 * waits for one of another; a tick that finds its own kind still under way is left out, since the next one comes soon. What need not be brought to its end is broken off by `stopping`.
 */
export function createMaintenance(
  deps: WorkerDeps,
  reconciler: Reconciler,
  pool: PoolSettings,
  stopping: AbortSignal,
): (name: string) => Promise<void> {
  const ticks: Readonly<Record<string, () => Promise<void>>> = {
    sample: () => sampleAll(deps),
    weigh: () => weighAll(deps),
    reconcile: () => reconciler.all(),
    leftovers: () => clearLeftovers(deps),
    disk: () => measureDue(deps),
    pool: () => keepPool(deps, pool, stopping),
    admit: () => {
      admitWaiting(deps);
      return Promise.resolve();
    },
  };
  const underWay = new Set<string>();
  const run = async (name: string): Promise<void> => {
    const tick = ticks[name];
    if (tick === undefined) {
      deps.logger.info(
        { tick: name },
        'left out a tick of another version, as during an upgrade',
      );
      return;
    }
    if (underWay.has(name)) return;
    underWay.add(name);
    try {
      await tick();
    } finally {
      underWay.delete(name);
    }
  };
  return async (names) => {
    await Promise.all(names.split('+').map(run));
  };
}
