import type {
  DiskSpace,
  JobId,
  SandboxId,
  SandboxRecord,
} from '@sandboxed/domain';
import {
  describeUse,
  DISK_ACTOR,
  DISK_LIMIT_REASON,
  DISK_RESERVE_REASON,
  DISK_STOPS,
  diskLimit,
  diskShare,
  fillersOf,
  isDiskShort,
  isOverdue,
  JOBS,
  nextDiskLevel,
  toMb,
} from '@sandboxed/domain';
import type { DiskRow } from '@sandboxed/store';
import { interrupt } from './interrupt.ts';
import type { PressureDeps } from './relieve-pressure.ts';

export interface DiskDeps extends PressureDeps {
  readonly diskSpace: () => Promise<DiskSpace>;
}

export interface DiskRelief {
  readonly isShort: boolean;
  readonly wasShort: boolean;
  /** Stopped for their own limit, and for the host. */
  readonly over: readonly SandboxId[];
  readonly filling: readonly SandboxId[];
}

/**
 * Judges what workers have measured: tells the log of a sandbox that comes close to its limit, once, and proposes to stop what stays
 * above it. While the host is short of disk everything is measured at once, and what fills it is stopped, a few at a time.
 */
export async function limitDisk(deps: DiskDeps): Promise<DiskRelief> {
  const { store, now, publishCancel } = deps;
  const space = await deps.diskSpace();
  const cancelled: JobId[] = [];
  const relief = store.transaction((): DiskRelief => {
    const at = now();
    const over = judgeAll(deps, at, cancelled);
    const before = store.disk.space();
    const wasShort = (before?.shortSince ?? null) !== null;
    const isShort = isDiskShort(wasShort, space);
    // A time from before the clock was set back would never come.
    const shortSince = isShort ? Math.min(before?.shortSince ?? at, at) : null;
    store.disk.putSpace({ ...space, shortSince, at });
    if (shortSince === null) return { isShort, wasShort, over, filling: [] };
    store.disk.hurry(at);
    const fellMb = (before?.freeMb ?? space.freeMb) - space.freeMb;
    const left = DISK_STOPS - store.disk.stopsUnderWay();
    const filling = fillersOf(store.disk.fillers(), shortSince, fellMb)
      .slice(0, Math.max(0, left))
      .map((filler) => {
        const use = describeUse(filler, diskLimit(filler.sandbox.limits));
        cancelled.push(...stop(deps, filler.sandbox, 'host', use, at));
        return filler.sandbox.id;
      });
    return { isShort, wasShort, over, filling };
  });
  for (const id of cancelled) publishCancel(id);
  return relief;
}

/** Returns those that are to be stopped for their own limit. */
function judgeAll(
  deps: DiskDeps,
  at: number,
  cancelled: JobId[],
): readonly SandboxId[] {
  return deps.store.disk.watched().flatMap(({ sandbox, row }) => {
    if (!judgeOne(deps, sandbox, row, at)) return [];
    const use = describeUse(row, diskLimit(sandbox.limits));
    cancelled.push(...stop(deps, sandbox, 'sandbox', use, at));
    return [sandbox.id];
  });
}

/** Writes down how close it is to its limit. Returns whether it is to be stopped. */
function judgeOne(
  { store }: DiskDeps,
  sandbox: SandboxRecord,
  row: DiskRow,
  at: number,
): boolean {
  const { id } = sandbox;
  const limit = diskLimit(sandbox.limits);
  const share = diskShare(row, limit);
  const level = nextDiskLevel(row.level, share);
  // Whoever is about to be stopped or started has its grace from then on.
  const runs =
    sandbox.state === 'running' &&
    !store.jobs
      .mailbox(id)
      .some(({ kind }) => JOBS[kind].class === 'lifecycle');
  const fullSince =
    share >= 1 && runs ? Math.min(row.fullSince ?? at, at) : null;
  const overdue =
    row.measuredAt !== null &&
    // From before the clock was set back: it says nothing of the time since.
    row.measuredAt <= at &&
    isOverdue({ ...row, measuredAt: row.measuredAt, fullSince }, limit);
  const after = overdue ? null : fullSince;
  if (level !== row.level || after !== row.fullSince)
    store.disk.judge(id, level, after);
  if (level !== row.level && !(row.level === 'full' && level === 'high'))
    store.events.append({
      sandboxId: id,
      jobId: null,
      type: 'disk',
      data: {
        level,
        used_mb: toMb(row.bytes),
        limit_mb: sandbox.limits.disk_mb,
        files: row.files,
        files_limit: limit.files,
        message: `${describeUse(row, limit)}${ADVICE[level]}`,
      },
      now: at,
    });
  return overdue;
}

const ADVICE = {
  ok: '',
  high: ': remove files or raise limits.disk_mb before writes are refused',
  full: ': writes through the API are refused, and the sandbox is stopped unless files are removed within a minute',
} as const;

function stop(
  { store, newJobId }: DiskDeps,
  { id }: SandboxRecord,
  whose: 'sandbox' | 'host',
  use: string,
  now: number,
): readonly JobId[] {
  return interrupt(store, {
    sandboxId: id,
    actor: DISK_ACTOR,
    reason: whose === 'sandbox' ? DISK_LIMIT_REASON : DISK_RESERVE_REASON,
    propose: (interrupted) => {
      store.jobs.submit({
        id: newJobId(),
        sandboxId: id,
        kind: 'stop',
        payload: {
          force: interrupted > 0,
          if_full: { whose, use, interrupted },
        },
        requestedBy: DISK_ACTOR,
        now,
      });
    },
    now,
  });
}
