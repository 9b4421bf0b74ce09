import type { SandboxId, SandboxRecord } from '@sandboxed/domain';
import {
  containerName,
  measureActiveAt,
  nextBand,
  wasActive,
} from '@sandboxed/domain';
import type { WorkerDeps } from './context.ts';
import { inLanes } from './in-lanes.ts';
import { within } from './within.ts';

const PARALLEL = 8;
/** What is given to one sandbox in a round; what takes longer goes on without the round. Milliseconds. */
const PART_MS = 5_000;
/** Who computes so much may be writing. Percent of a processor. */
const BUSY_PERCENT = 10;

type SampleDeps = Pick<
  WorkerDeps,
  'store' | 'docker' | 'agents' | 'now' | 'logger'
>;

/**
 * Reads the Engine's figures of one sandbox, stores them and moves `last_active_at` when something happened since the last
 * reading, or somebody is connected to a published port: a quiet web socket moves no bytes. A tenant whose agent makes up
 * connections keeps its own sandbox awake, and no other.
 */
export async function readActivity(
  { store, docker, agents, now }: SampleDeps,
  sandbox: SandboxRecord,
): Promise<void> {
  const stats = await docker.stats(containerName(sandbox.id));
  if (stats === undefined) return;
  const before = store.samples.get(sandbox.id);
  const elapsedNanos =
    before === undefined ? 0 : (stats.at - before.at) * 1_000_000;
  const cpuPercent =
    before === undefined || elapsedNanos <= 0
      ? 0
      : (Math.max(0, stats.cpuNanos - before.cpuNanos) / elapsedNanos) * 100;
  const isActive =
    (before !== undefined && wasActive(before, stats)) ||
    (await agents.connectedPorts(sandbox.id)).some((port) =>
      sandbox.ports.includes(port),
    );
  await store.grouped(() => {
    // Removed meanwhile: nobody would delete the figures again.
    const state = store.sandboxes.get(sandbox.id)?.state;
    if (state === undefined || state === 'deleted') return;
    store.samples.put(sandbox.id, {
      ...stats,
      cpuPercent: Math.round(cpuPercent * 10) / 10,
    });
    if (cpuPercent >= BUSY_PERCENT) measureSoon(store, sandbox.id);
    // What lies ahead is from before the clock was set back: it would keep the sandbox awake until then.
    if (isActive || sandbox.last_active_at > now())
      store.sandboxes.touch(sandbox.id, now());
  });
}

/** Its disk is measured as soon as that is worth its cost again, also when nothing changed for long. */
function measureSoon({ disk }: SampleDeps['store'], id: SandboxId): void {
  const row = disk.get(id);
  if (row === undefined || row.measuredAt === null) return;
  disk.hasten(id, measureActiveAt(row.measuredAt, row.costMs));
}

/** One sampling round over all running sandboxes. A sandbox that cannot be read is logged and left to the next round. */
export async function sampleAll(deps: SampleDeps): Promise<void> {
  const running = deps.store.sandboxes.inStates(['running']);
  await inLanes(running, PARALLEL, (sandbox) =>
    within(
      PART_MS,
      readActivity(deps, sandbox).catch((error: unknown) => {
        deps.logger.warn(
          { err: error, sandboxId: sandbox.id },
          'sample failed',
        );
      }),
    ),
  );
}

/**
 * Another round between those, while the host is short of memory: what an emergency stops goes by these figures, and a sandbox may fill the
 * memory within seconds. The band is judged anew, since the reaper's may be as old as the last round.
 */
export async function weighAll(
  deps: SampleDeps & Pick<WorkerDeps, 'hostMemory'>,
): Promise<void> {
  const band = deps.store.pressure.get()?.band ?? 'normal';
  if (nextBand(band, deps.hostMemory()) !== 'normal') await sampleAll(deps);
}
