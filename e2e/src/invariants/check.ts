import { setTimeout as pause } from 'node:timers/promises';
import { jobViolations } from './jobs.ts';
import { promiseViolations } from './promises.ts';
import { sandboxViolations } from './sandboxes.ts';
import type { Since } from './snapshot.ts';
import { takeSnapshot } from './snapshot.ts';
import type { ToldRecord } from './told.ts';

/** What was accepted has ended by then, and each round of reconciling was made, the one for leftovers every 30 s too. Milliseconds. */
const SETTLE_MS = 45_000;

/**
 * Compares SQLite, the Engine, the disk and what clients were told, and answers every contradiction as a sentence. Called when
 * clients and faults are quiet: what is still under way gets `settleMs` to end.
 */
export async function checkInvariants(options: {
  readonly database: string;
  readonly dataDir: string;
  readonly instance: string;
  readonly told: ToldRecord;
  readonly since?: Since;
  readonly settleMs?: number;
}): Promise<readonly string[]> {
  const deadline = performance.now() + (options.settleMs ?? SETTLE_MS);
  for (;;) {
    const snapshot = await takeSnapshot(options);
    const found = [
      ...jobViolations(snapshot),
      ...sandboxViolations(snapshot),
      ...(await promiseViolations(options.told, snapshot, options.dataDir)),
    ];
    if (found.length === 0 || performance.now() > deadline) return found;
    await pause(250);
  }
}
