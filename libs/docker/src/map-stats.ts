import { z } from 'zod';
import type { ContainerStats } from './driver.ts';

const count = z.number().nonnegative();

const statsSchema = z.object({
  read: z.string(),
  cpu_stats: z.object({ cpu_usage: z.object({ total_usage: count }) }),
  // Empty for a container that does not run, and without `stats` on some kernels.
  memory_stats: z.object({
    usage: count.optional(),
    stats: z.record(z.string(), z.number()).nullish(),
  }),
  pids_stats: z.object({ current: count.nullish() }).nullish(),
  // Missing for a container without a network.
  networks: z
    .record(z.string(), z.object({ rx_bytes: count, tx_bytes: count }))
    .nullish(),
});

/**
 * Maps one reading of the Engine, cgroup version 1 or 2; undefined when the container does not run.
 * Throws ZodError when the answer has another form.
 */
export function mapStats(answer: unknown): ContainerStats | undefined {
  const stats = statsSchema.parse(answer);
  const at = Date.parse(stats.read);
  // The Engine's zero time (year 1) says that nothing was read.
  if (!(at > 0)) return undefined;
  const memory = stats.memory_stats;
  const usage = memory.usage ?? 0;
  return {
    at,
    cpuNanos: stats.cpu_stats.cpu_usage.total_usage,
    networkBytes: Object.values(stats.networks ?? {}).reduce(
      (sum, card) => sum + card.rx_bytes + card.tx_bytes,
      0,
    ),
    memoryBytes: Math.max(0, usage - reclaimable(memory.stats ?? {})),
    processes: stats.pids_stats?.current ?? 0,
  };
}

/** Page cache that the kernel gives back before it kills anything: `total_…` is version 1, the plain name version 2. */
function reclaimable(stats: Readonly<Record<string, number>>): number {
  return (
    stats['total_inactive_file'] ??
    stats['inactive_file'] ??
    stats['cache'] ??
    0
  );
}
