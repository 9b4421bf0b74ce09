import { writeFile } from 'node:fs/promises';
import type { CrashPoint } from '@sandboxed/domain';
import type { Producer } from '@sandboxed/queue';
import type { Logger } from '@sandboxed/runtime';
import type { DiskDeps } from './limit-disk.ts';
import { limitDisk } from './limit-disk.ts';
import { proposeIdleStops } from './propose-idle-stops.ts';
import { relay } from './relay.ts';
import { relievePressure } from './relieve-pressure.ts';
import type { History } from './trim.ts';
import { trim } from './trim.ts';
import type { AuditBounds } from './trim-audit.ts';
import { createTrimNotes, trimAudit } from './trim-audit.ts';

/**
 * Intervals of all ticks in milliseconds, by the queue whose processes receive them. A tick is named by what is done on it: things that
 * are due as often share one, since each costs Redis and its receivers some ten commands.
 */
export function intervals(reapIntervalSeconds: number): {
  readonly reaper: Readonly<Record<string, number>>;
  readonly maintenance: Readonly<Record<string, number>>;
} {
  const reapMs = reapIntervalSeconds * 1_000;
  return {
    reaper: {
      idle: reapMs,
      relay: 2_000,
      'pressure+disk': 5_000,
      trim: 10_000,
    },
    // Idleness is decided by the samples, so they come at least as often. They are most of what sandboxes that do nothing cost.
    maintenance: {
      sample: Math.min(20_000, reapMs),
      // Nothing is weighed while the host has memory enough. As often as the band is judged: an emergency picks by these figures.
      'weigh+disk': 5_000,
      reconcile: 10_000,
      leftovers: 30_000,
      // Sooner than the next tick of `pressure`: what leaves the warm pool shows in the host's memory then.
      'admit+pool': 2_000,
    },
  };
}

export interface TickDeps extends DiskDeps {
  readonly producer: Producer;
  readonly logger: Logger;
  readonly history: History;
  readonly audit: AuditBounds;
  /** Empty for none. */
  readonly healthFile: string;
  readonly reach: (point: CrashPoint) => void;
}

/** What the reaper does on each of its ticks. What one of several on a tick throws keeps none of the others from being done. */
export function createTicks(deps: TickDeps): (name: string) => Promise<void> {
  const { store, producer, logger, history, audit, now, healthFile, reach } =
    deps;
  const noteTrim = createTrimNotes(store);
  const ticks: Readonly<Record<string, () => Promise<void>>> = {
    idle: () => {
      const proposed = proposeIdleStops(deps);
      if (proposed.length > 0) reach('idle.proposed');
      if (proposed.length > 0)
        logger.info({ sandboxes: proposed }, 'proposed idle stops');
      return Promise.resolve();
    },
    pressure: () => {
      const { band, before, stops } = relievePressure(deps);
      if (band !== before)
        logger.warn({ band, before }, 'memory of the host changed its band');
      if (stops.length > 0)
        logger.warn({ sandboxes: stops, band }, 'proposed stops for memory');
      return Promise.resolve();
    },
    disk: async () => {
      const { isShort, wasShort, over, filling } = await limitDisk(deps);
      if (isShort !== wasShort)
        logger.warn({ isShort }, 'room on the disk of the host');
      if (over.length + filling.length > 0)
        logger.warn({ over, filling }, 'proposed stops for disk');
    },
    relay: async () => {
      const late = await relay(store, producer, now(), reach);
      if (late > 0) logger.info({ jobs: late }, 'offered waiting jobs again');
      if (healthFile !== '') await writeFile(healthFile, String(now()));
    },
    trim: async () => {
      const rows = await trim(store, history, now(), reach);
      if (rows > 0) logger.info({ rows }, 'trimmed');
      noteTrim(rows, now());
      await trimAudit(store, audit, now());
    },
  };
  const run = async (name: string): Promise<void> => {
    const tick = ticks[name];
    if (tick === undefined)
      logger.info(
        { tick: name },
        'left out a tick of another version, as during an upgrade',
      );
    else await tick();
  };
  return async (names) => {
    await Promise.all(names.split('+').map(run));
  };
}
