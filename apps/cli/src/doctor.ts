import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Warning } from '@sandboxed/domain';
import { diagnose, parseEngineFacts } from '@sandboxed/domain';
import { readDiskSpace } from '@sandboxed/runtime';
import { readNewestBeat } from '@sandboxed/store';
import { z } from 'zod';
import { DATABASE } from './manifest.ts';
import { EXIT, Problem } from './problem.ts';

/** Workers tell of themselves every 5 s. Milliseconds. */
const SILENT_MS = 30_000;

/** What the script that has the host before it found there, on standard input. */
const hostSchema = z.strictObject({
  version: z.unknown(),
  info: z.unknown(),
  bridge_netfilter: z.boolean().nullable(),
  clock_kept: z.boolean().nullable(),
  open: z.boolean(),
  /** Services of the stack that do not run or are not healthy; null when nothing of it is there. */
  unhealthy: z.array(z.string()).nullable(),
  /** Limits of the kernel that sandboxes share and that are lower than scripts/kernel-limits.sh wants them. */
  low_limits: z.array(z.string()),
});

/** Looks over an installation, also when it is down. Throws a Problem for facts that cannot be read. */
export async function examine(options: {
  readonly dataDir: string;
  /** JSON, see the script `sandboxed`. */
  readonly facts: string;
  readonly now: () => number;
}): Promise<readonly Warning[]> {
  const { dataDir, now } = options;
  const host = parseHost(options.facts);
  const database = join(dataDir, 'db', DATABASE);
  const beatAt = existsSync(database) ? readNewestBeat(database) : undefined;
  return [
    ...ofStack(host.unhealthy, beatAt, now()),
    ...ofLimits(host.low_limits),
    ...diagnose({
      engine: parseEngineFacts(host.version, host.info, now()),
      isOpen: host.open,
      disk: await readDiskSpace(dataDir),
      bridgeNetfilter: host.bridge_netfilter ?? undefined,
      isClockKept: host.clock_kept ?? undefined,
      recordsAheadMs: beatAt === undefined ? undefined : beatAt - now(),
    }),
  ];
}

function parseHost(text: string): z.output<typeof hostSchema> {
  try {
    return hostSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new Problem(
      `The facts of the host cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'Call it as "./sandboxed doctor".',
      EXIT.usage,
    );
  }
}

function ofStack(
  unhealthy: readonly string[] | null,
  beatAt: number | undefined,
  now: number,
): Warning[] {
  const found: Warning[] = [];
  if (unhealthy === null)
    found.push({
      code: 'stack_down',
      severity: 'critical',
      message: 'Nothing of the stack runs on this host.',
      advice: 'Start it with ./install.sh.',
    });
  else if (unhealthy.length > 0)
    found.push({
      code: 'service_unhealthy',
      severity: 'critical',
      message: `Not running or not healthy: ${unhealthy.join(', ')}.`,
      advice: `Look at "docker compose logs ${unhealthy.join(' ')}", or run ./install.sh again.`,
    });
  else if (beatAt === undefined || now - beatAt > SILENT_MS)
    found.push({
      code: 'no_worker',
      severity: 'critical',
      message: 'No worker has told of itself lately: jobs are not done.',
      advice: 'Look at "docker compose logs worker".',
    });
  return found;
}

function ofLimits(low: readonly string[]): Warning[] {
  if (low.length === 0) return [];
  return [
    {
      code: 'kernel_limits_low',
      severity: 'warning',
      message: `One sandbox can take from all others what the kernel counts for them together: ${low.join(', ')}.`,
      advice: 'Run ./install.sh as root, which raises these limits.',
    },
  ];
}

/** The warnings for a person. */
export function describeWarnings(warnings: readonly Warning[]): string {
  if (warnings.length === 0) return 'Nothing to worry about.\n';
  return warnings
    .map(
      ({ severity, code, message, advice }) =>
        `${severity === 'critical' ? 'CRITICAL' : 'warning '}  ${code}\n  ${message}\n  What to do: ${advice}\n`,
    )
    .join('\n');
}
