import { MIB } from './container-spec.ts';
import { DomainError } from './errors.ts';
import type { Limits, SandboxRecord } from './sandbox.ts';

/**
 * How limits of disk are kept. `measured`: workspaces are counted from the host's side, writes through the API are refused at the
 * limit, and what stays above it is stopped. No file system is told of the limit, so a sandbox can pass it for some seconds.
 */
export const DISK_MODE = 'measured';

/** What a sandbox has on the host's disk, or may have: bytes as allocated, and entries of any kind. */
export interface DiskUse {
  readonly bytes: number;
  readonly files: number;
}

/** As many as ext4 makes inodes for by default: one for 16 KiB. */
const FILES_PER_MB = 64;
/** A small sandbox can hold one `node_modules` still; a large one can be counted in bounded time. */
const FILES = { min: 50_000, max: 1_500_000 } as const;

/** What limits allow. */
export function diskLimit({ disk_mb }: Pick<Limits, 'disk_mb'>): DiskUse {
  const files = Math.max(FILES.min, disk_mb * FILES_PER_MB);
  return { bytes: disk_mb * MIB, files: Math.min(FILES.max, files) };
}

/** Share of a limit that is used, by bytes or by files, whichever is more. 1 is full. */
export function diskShare(use: DiskUse, limit: DiskUse): number {
  return Math.max(use.bytes / limit.bytes, use.files / limit.files);
}

/** How close a sandbox is to its limit of disk. */
export const DISK_LEVELS = ['ok', 'high', 'full'] as const;
export type DiskLevel = (typeof DISK_LEVELS)[number];

/** Shares at which a level is entered and left; between the two it stays, so that each is told once. */
export const DISK_SHARES = {
  high: { enter: 0.9, leave: 0.85 },
  full: { enter: 1, leave: 0.95 },
} as const;

/** The level after a measurement. */
export function nextDiskLevel(level: DiskLevel, share: number): DiskLevel {
  const isIn = (name: 'high' | 'full', inside: boolean): boolean =>
    share >= DISK_SHARES[name][inside ? 'leave' : 'enter'];
  if (isIn('full', level === 'full')) return 'full';
  return isIn('high', level !== 'ok') ? 'high' : 'ok';
}

/** A sandbox at its limit has this long to make room before it is stopped: `rm` needs it to run. */
export const DISK_GRACE_MS = 60_000;
/** Who is so far above its limit and still grows by this share of it is stopped without waiting for the grace. */
const FAR = { share: 1.1, growth: 0.01 } as const;

/** A sandbox's figures, as last measured. Times in ms. */
export interface DiskFigures extends DiskUse {
  /** By how much the last measurement was above the one before. */
  readonly grown: DiskUse;
  readonly measuredAt: number;
  /** Since when it has run above its limit; null when it does not. */
  readonly fullSince: number | null;
}

/** Whether a running sandbox is to be stopped for its own limit. Decided by a measurement since it was found above it, never by an older one. */
export function isOverdue(figures: DiskFigures, limit: DiskUse): boolean {
  const { grown, measuredAt, fullSince } = figures;
  const share = diskShare(figures, limit);
  if (share < 1 || fullSince === null || measuredAt <= fullSince) return false;
  const isFar = share >= FAR.share && diskShare(grown, limit) >= FAR.growth;
  return isFar || measuredAt >= fullSince + DISK_GRACE_MS;
}

/** Bytes that may still be written through the API. Throws `disk_full` when there are none, or no further file may be made. */
export function roomOnDisk(use: DiskUse, limit: DiskUse): number {
  if (diskShare(use, limit) >= 1) throw diskFull(use, limit);
  return limit.bytes - use.bytes;
}

/** What a write is refused with that does not fit. */
export function diskFull(use: DiskUse, limit: DiskUse): DomainError {
  return new DomainError(
    'disk_full',
    `The sandbox has ${describeUse(use, limit)}, and this does not fit. Remove files or raise limits.disk_mb; what was removed is counted within seconds.`,
    { retryAfterSeconds: 10 },
  );
}

/** As in "130 of 128 MiB and 12 of 50000 files on disk". */
export function describeUse(use: DiskUse, limit: DiskUse): string {
  return `${String(toMb(use.bytes))} of ${String(toMb(limit.bytes))} MiB and ${String(use.files)} of ${String(limit.files)} files on disk`;
}

/** MiB, begun ones counted. */
export function toMb(bytes: number): number {
  return Math.ceil(bytes / MIB);
}

/** The agent's own output and logs may take this much beside the workspace (`AGENT_LIMITS`, and what runs now); more counts as the tenant's. */
export const AGENT_ALLOWANCE_BYTES = 1_536 * MIB;

/** Counting takes this share of a processor at most, for one sandbox: a twentieth, more when it is close to its limit. */
const COST_TIMES = { usual: 20, close: 5 } as const;
const AGAIN_MS = { close: 5_000, usual: 15_000, still: 60_000, most: 600_000 };

/**
 * Milliseconds until a running sandbox is measured again: soon when it is close to its limit or was seen to change, ever later
 * while nothing changes, and never so often that counting costs more than it is worth. `sinceMs`: since the measurement before.
 */
export function measureAgainMs(last: {
  readonly share: number;
  readonly costMs: number;
  readonly hasChanged: boolean;
  readonly sinceMs: number;
}): number {
  const isClose = last.share >= DISK_SHARES.high.leave;
  const least = last.costMs * COST_TIMES[isClose ? 'close' : 'usual'];
  const wanted = isClose
    ? AGAIN_MS.close
    : last.hasChanged
      ? AGAIN_MS.usual
      : Math.min(AGAIN_MS.still, Math.max(AGAIN_MS.usual, last.sinceMs * 2));
  return Math.min(AGAIN_MS.most, Math.max(wanted, least));
}

/** When a sandbox that is seen at work is measured at the earliest. Times in ms. */
export function measureActiveAt(measuredAt: number, costMs: number): number {
  return (
    measuredAt +
    Math.min(AGAIN_MS.most, Math.max(AGAIN_MS.usual, costMs * COST_TIMES.usual))
  );
}

/** Room on the data directory's file system, see `DiskFacts`. */
export interface DiskSpace {
  readonly freeMb: number;
  readonly totalMb: number;
  /** Share of inodes that are free, 0 to 1. */
  readonly freeInodes: number;
}

/** Below it the host is short of disk: a twentieth, at most 10 GiB, which a fast writer fills in ten seconds. Left at 1.5 times that. */
const RESERVE = { share: 0.05, maxMb: 10_240, leave: 1.5 } as const;

/** Whether the host is short of disk after a reading. */
export function isDiskShort(wasShort: boolean, space: DiskSpace): boolean {
  const times = wasShort ? RESERVE.leave : 1;
  const reserve = Math.min(RESERVE.maxMb, space.totalMb * RESERVE.share);
  return (
    space.freeMb < reserve * times || space.freeInodes < RESERVE.share * times
  );
}

/** Stops for the host's disk that may be under way at once. */
export const DISK_STOPS = 2;
/** Growth between two measurements that makes a sandbox one that fills the host's disk. */
const FILLING = { bytes: 64 * MIB, files: 10_000 } as const;
/** Percent of a processor: who writes needs it. */
const BUSY_PERCENT = 10;

/** A running sandbox, as a host that is short of disk sees it. */
export interface Filler extends DiskFigures {
  readonly sandbox: SandboxRecord;
  /** As last sampled; 0 when unknown. */
  readonly cpuPercent: number;
}

/**
 * Whom a host that is short of disk stops, first things first: who is above its own limit, then who grew most. When none of them was
 * seen to grow and the room still shrinks (`fellMb`), somebody writes what no count sees, such as files that are deleted but open:
 * the busiest one then. Only those measured since `shortSince` count, but stopping others frees nothing.
 */
export function fillersOf(
  running: readonly Filler[],
  shortSince: number,
  fellMb: number,
): readonly Filler[] {
  const fresh = running.filter(({ measuredAt }) => measuredAt > shortSince);
  const overBy = (filler: Filler): number =>
    Math.max(0, diskShare(filler, diskLimit(filler.sandbox.limits)) - 1);
  const seen = fresh
    .filter(
      (filler) =>
        overBy(filler) > 0 ||
        filler.grown.bytes >= FILLING.bytes ||
        filler.grown.files >= FILLING.files,
    )
    .toSorted(
      (one, other) =>
        overBy(other) - overBy(one) ||
        other.grown.bytes - one.grown.bytes ||
        other.grown.files - one.grown.files,
    );
  const isHidden =
    fresh.length === running.length && fellMb * MIB >= FILLING.bytes;
  if (seen.length > 0 || !isHidden) return seen;
  return fresh
    .filter(({ cpuPercent }) => cpuPercent >= BUSY_PERCENT)
    .toSorted((one, other) => other.cpuPercent - one.cpuPercent)
    .slice(0, 1);
}

/** Who asks for stops for disk. */
export const DISK_ACTOR = 'reaper:disk';
/** What the users of a sandbox are told of a stop for its own limit, and of one for the host's. */
export const DISK_LIMIT_REASON =
  'disk_limit: the sandbox was above its limit of disk, so it was stopped. Start it and remove files, or raise limits.disk_mb.';
export const DISK_RESERVE_REASON =
  'disk_reserve: the host was about to run out of disk, so this sandbox, which was filling it, was stopped.';
