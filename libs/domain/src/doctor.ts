import { z } from 'zod';
import type { EngineFacts } from './engine-facts.ts';
import { knownEscapes } from './known-escapes.ts';

/** `critical`: somebody may get in or out, or work is about to stop. `warning`: weaker than it could be. */
export const warningSchema = z.object({
  code: z.string(),
  severity: z.enum(['critical', 'warning']),
  message: z.string(),
  /** What to do, a sentence. */
  advice: z.string(),
});
export type Warning = z.output<typeof warningSchema>;

/** What is known of an installation; undefined is not known, and nothing is said of it. */
export interface InstallationFacts {
  readonly engine: EngineFacts | undefined;
  readonly isOpen: boolean | undefined;
  /** Whether there are API keys that can be used. */
  readonly hasKeys?: boolean | undefined;
  readonly disk: DiskFacts | undefined;
  /** Whether the kernel's own switch for filtered bridges is on. */
  readonly bridgeNetfilter: boolean | undefined;
  /** Whether something keeps the host's clock right. */
  readonly isClockKept: boolean | undefined;
  /** By how much the newest record of the database is ahead of the clock, in ms. */
  readonly recordsAheadMs: number | undefined;
}

/** Of the file system that holds the data directory. */
export interface DiskFacts {
  readonly freeMb: number;
  readonly totalMb: number;
  /** Share of inodes that are free, 0 to 1; 1 where the file system has no fixed number. */
  readonly freeInodes: number;
  /** Whether nothing else lies on it. */
  readonly isOwn: boolean;
}

const SKEW_MS = 2_000;
const LOW_MB = 10_240;
const ALMOST_FULL_MB = 2_048;
const LOW_SHARE = 0.1;
const ALMOST_FULL_SHARE = 0.02;

/** What its keeper should know, the worst first. */
export function diagnose(facts: InstallationFacts): readonly Warning[] {
  const found = [
    ...(facts.engine === undefined ? [] : ofEngine(facts.engine)),
    ...ofBridges(facts),
    ...ofAccess(facts),
    ...(facts.disk === undefined ? [] : ofDisk(facts.disk)),
    ...ofClock(facts),
  ];
  return [
    ...found.filter(({ severity }) => severity === 'critical'),
    ...found.filter(({ severity }) => severity === 'warning'),
  ];
}

function ofEngine({ engine, runc, seccomp }: EngineFacts): Warning[] {
  const found: Warning[] = [];
  const versions = { engine, runc };
  for (const part of ['runc', 'engine'] as const) {
    const version = versions[part];
    if (version === null) continue;
    const name = part === 'runc' ? 'runc' : 'The Docker Engine';
    for (const { ids, what, fixedIn, isClosedHere } of knownEscapes(
      part,
      version,
    ))
      found.push({
        code: `${part}_known_escape`,
        severity: isClosedHere ? 'warning' : 'critical',
        message: `${name} ${version} has a known fault (${ids.join(', ')}): ${what}.${
          isClosedHere ? ' sandboxed itself never makes such a call.' : ''
        }`,
        advice: `Use ${fixedIn.join(' or ')} or later, unless your distribution has mended it in this version.`,
      });
  }
  if (!seccomp)
    found.push({
      code: 'seccomp_missing',
      severity: 'critical',
      message:
        'The Docker Engine filters no system calls: sandboxes can use every one that the kernel has.',
      advice:
        'Use a kernel with CONFIG_SECCOMP_FILTER and an Engine with seccomp, with its default profile.',
    });
  return found;
}

function ofBridges({ engine, bridgeNetfilter }: InstallationFacts): Warning[] {
  const isSeen = bridgeNetfilter ?? engine?.bridgeNetfilter ?? undefined;
  if (isSeen !== false) return [];
  return [
    {
      code: 'br_netfilter_missing',
      severity: 'critical',
      message:
        'The packet filter does not see traffic between containers of one bridge (br_netfilter), so sandboxes may reach each other.',
      advice:
        'Run "modprobe br_netfilter" and "sysctl net.bridge.bridge-nf-call-iptables=1", and make both last over a boot.',
    },
  ];
}

function ofAccess({ isOpen, hasKeys }: InstallationFacts): Warning[] {
  if (isOpen !== true) return [];
  return [
    {
      code: 'auth_off',
      severity: 'warning',
      message: `The API is open to everybody on this host${hasKeys === true ? ': it answers without its API keys, too' : ''}.`,
      advice: 'Set SANDBOXD_API_TOKENS before you share the host or the API.',
    },
  ];
}

function ofDisk({ freeMb, totalMb, freeInodes, isOwn }: DiskFacts): Warning[] {
  const found: Warning[] = [];
  const share = freeMb / totalMb;
  const isAlmostFull = freeMb < ALMOST_FULL_MB || share < ALMOST_FULL_SHARE;
  if (isAlmostFull || (freeMb < LOW_MB && share < LOW_SHARE))
    found.push({
      code: 'disk_low',
      severity: isAlmostFull ? 'critical' : 'warning',
      message: `The disk of the data directory has ${String(Math.floor(freeMb))} of ${String(Math.floor(totalMb))} MiB left.`,
      advice:
        'Purge sandboxes that are not needed, remove old images with "docker image prune", or use a larger disk.',
    });
  if (freeInodes < LOW_SHARE)
    found.push({
      code: 'inodes_low',
      severity: freeInodes < ALMOST_FULL_SHARE ? 'critical' : 'warning',
      message: `The disk of the data directory has ${String(Math.floor(freeInodes * 100))} % of its inodes left.`,
      advice:
        'Purge sandboxes that are not needed, or use a file system with more inodes.',
    });
  if (!isOwn)
    found.push({
      code: 'disk_without_quota',
      severity: 'warning',
      message:
        'The data directory shares its file system, which holds no sandbox to limits.disk_mb: that is measured, so one that writes fast can pass its limit for some seconds.',
      advice:
        'Mount a file system of its own at SANDBOXED_DATA_DIR, so that a full one stops sandboxes and not the host.',
    });
  return found;
}

function ofClock(facts: InstallationFacts): Warning[] {
  const { engine, recordsAheadMs, isClockKept } = facts;
  const found: Warning[] = [];
  const engineMs = Math.abs(engine?.clockAheadMs ?? 0);
  if (engineMs > SKEW_MS || (recordsAheadMs ?? 0) > SKEW_MS)
    found.push({
      code: 'clock_skew',
      severity: 'warning',
      message:
        engineMs > SKEW_MS
          ? `The Docker Engine’s clock differs from ours by ${String(Math.round(engineMs / 1_000))} s.`
          : `The database holds records of ${String(Math.round((recordsAheadMs ?? 0) / 1_000))} s from now: the clock was set back.`,
      advice: 'Let chrony or systemd-timesyncd keep the clock of this host.',
    });
  if (isClockKept === false)
    found.push({
      code: 'clock_not_kept',
      severity: 'warning',
      message:
        'Nothing keeps the clock of this host right; expiry of keys, links and leases goes by it.',
      advice: 'Install chrony or systemd-timesyncd.',
    });
  return found;
}
