import { setTimeout as pause } from 'node:timers/promises';
import type { DiskUse } from '@sandboxed/domain';
import {
  AGENT_ALLOWANCE_BYTES,
  diskLimit,
  diskShare,
  measureAgainMs,
  runDir,
  workspaceDir,
} from '@sandboxed/domain';
import type { Measured, MeasureBounds } from '@sandboxed/files';
import { measureTree } from '@sandboxed/files';
import type { DiskTurn } from '@sandboxed/store';
import type { WorkerDeps } from './context.ts';

/** A round begins no further sandbox after this time; the next one comes soon. Milliseconds. */
const ROUND_MS = 4_000;
/** A walk ends after this time, whatever it has counted: less than its turn lasts. Milliseconds. */
const WALK_MS = 120_000;
/** A walk lets others work after so long, and then for twice as long: it takes a third of a processor. Milliseconds. */
const SLICE_MS = 20;
const REST_TIMES = 2;
/** More files than the limit allows are counted up to this many times it. */
const ENTRIES_TIMES = 1.25;

type MeasureDeps = Pick<WorkerDeps, 'store' | 'host' | 'now' | 'logger'>;

/** One round: measures the sandboxes whose turn it is, one after the other. One that cannot be read is logged, and has its turn again. */
export async function measureDue(deps: MeasureDeps): Promise<void> {
  const { store, now, logger } = deps;
  const end = performance.now() + ROUND_MS;
  store.disk.enroll(now());
  do {
    const turn = store.disk.take(now());
    if (turn === undefined) return;
    await measure(deps, turn).catch((error: unknown) => {
      logger.warn({ err: error, sandboxId: turn.id }, 'disk not measured');
    });
  } while (performance.now() < end);
}

async function measure(deps: MeasureDeps, turn: DiskTurn): Promise<void> {
  const { store, host, now } = deps;
  const sandbox = store.sandboxes.get(turn.id);
  if (sandbox === undefined) return;
  const limit = diskLimit(sandbox.limits);
  const before = store.disk.get(turn.id);
  const walk = paced((store.disk.space()?.shortSince ?? null) !== null);
  const bounds: MeasureBounds = {
    maxEntries: limit.files * ENTRIES_TIMES,
    goOn: walk.goOn,
  };
  const use = together(
    await measureTree(workspaceDir(host.dataDir, turn.id), bounds),
    await measureTree(runDir(host.dataDir, turn.id), bounds),
    before,
  );
  const at = now();
  const costMs = Math.round(walk.workedMs());
  const again = measureAgainMs({
    share: diskShare(use, limit),
    costMs,
    hasChanged: use.bytes !== before?.bytes || use.files !== before.files,
    sinceMs: Math.max(0, at - (before?.measuredAt ?? at)),
  });
  // What sleeps changes only by the API, which says so.
  const runs = store.sandboxes.get(turn.id)?.state === 'running';
  store.disk.put(turn, { ...use, costMs, at, dueAt: runs ? at + again : null });
}

/** A count that did not come to its end is at least so much, and no news of less. */
function together(
  home: Measured,
  run: Measured,
  before: DiskUse | undefined,
): DiskUse {
  const bytes = home.bytes + Math.max(0, run.bytes - AGENT_ALLOWANCE_BYTES);
  const files = home.files + run.files;
  if (home.complete && run.complete) return { bytes, files };
  return {
    bytes: Math.max(bytes, before?.bytes ?? 0),
    files: Math.max(files, before?.files ?? 0),
  };
}

/** Lets a walk go on in slices, and without rests when there is no time to lose. */
function paced(isUrgent: boolean): {
  readonly goOn: () => Promise<boolean>;
  readonly workedMs: () => number;
} {
  const end = performance.now() + WALK_MS;
  let sliceAt = performance.now();
  let worked = 0;
  return {
    async goOn() {
      const now = performance.now();
      if (now - sliceAt >= SLICE_MS) {
        worked += now - sliceAt;
        if (!isUrgent) await pause((now - sliceAt) * REST_TIMES);
        sliceAt = performance.now();
      }
      return sliceAt < end;
    },
    workedMs: () => worked + performance.now() - sliceAt,
  };
}
