import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxId } from '@sandboxed/domain';
import {
  AGENT_ALLOWANCE_BYTES,
  DEFAULT_LIMITS,
  DISK_LIMIT_REASON,
  DISK_RESERVE_REASON,
  runDir,
  workspaceDir,
} from '@sandboxed/domain';
import { measureDue } from '../src/measure-disk.ts';
import { readActivity } from '../src/sample.ts';
import type { World } from './support.ts';
import { cleanUp, runningSandbox, submit, world } from './support.ts';

afterEach(cleanUp);

const MIB = 1_048_576;
const SLACK = 64 * 1_024;

let now: number;
let place: World;
beforeEach(() => {
  now = Date.now();
  place = world({ now: () => now });
});

/** A running sandbox with a home, and a file of so many MiB in it. */
function sandbox(mib: number): SandboxId {
  const id = runningSandbox(place, {
    limits: { ...DEFAULT_LIMITS, disk_mb: 64 },
  });
  for (const dir of [
    workspaceDir(place.dataDir, id),
    runDir(place.dataDir, id),
  ])
    mkdirSync(dir, { recursive: true });
  fill(id, mib);
  return id;
}

function fill(id: SandboxId, mib: number): void {
  const file = join(workspaceDir(place.dataDir, id), 'f');
  writeFileSync(file, Buffer.alloc(mib * MIB, 1), { flush: true });
}

const row = (id: SandboxId) => {
  const found = place.store.disk.get(id);
  if (found === undefined) throw new Error('not measured');
  return found;
};

it('measures running sandboxes, and by how much they grew', async () => {
  const [one, other] = [sandbox(1), sandbox(3)];
  await measureDue(place.deps);
  expect(row(one).bytes).toBeGreaterThanOrEqual(MIB);
  expect(row(one).bytes).toBeLessThan(MIB + SLACK);
  expect(row(other)).toMatchObject({ files: 1, measuredAt: now });
  fill(one, 5);
  await measureDue(place.deps);
  expect(row(one).measuredAt).toBe(now);
  expect(row(one).bytes).toBeLessThan(MIB + SLACK);
  now += 15_000;
  await measureDue(place.deps);
  expect(row(one).bytes).toBeGreaterThanOrEqual(5 * MIB);
  expect(row(one).grown.bytes).toBe(4 * MIB);
});

it('measures what sleeps once more, and then when the api has changed it', async () => {
  const id = sandbox(1);
  await measureDue(place.deps);
  const by = { actor: 'test', reason: 'test', now };
  place.store.sandboxes.transition(id, 'exited', by);
  fill(id, 2);
  now += 60_000;
  await measureDue(place.deps);
  expect(row(id).bytes).toBeGreaterThanOrEqual(2 * MIB);
  rmSync(join(workspaceDir(place.dataDir, id), 'f'));
  now += 600_000;
  await measureDue(place.deps);
  expect(row(id).bytes).toBeGreaterThanOrEqual(2 * MIB);
  place.store.disk.hasten(id, now);
  await measureDue(place.deps);
  expect(row(id).bytes).toBeLessThan(SLACK);
});

it('counts what a tenant puts beside the agent’s own files', async () => {
  const id = sandbox(1);
  const file = join(runDir(place.dataDir, id), 'hidden');
  const take = (bytes: number): void => {
    execFileSync('fallocate', ['--length', String(bytes), file]);
  };
  take(AGENT_ALLOWANCE_BYTES);
  await measureDue(place.deps);
  expect(row(id)).toMatchObject({ files: 2 });
  expect(row(id).bytes).toBeLessThan(MIB + SLACK);
  take(AGENT_ALLOWANCE_BYTES + 64 * MIB);
  now += 60_000;
  await measureDue(place.deps);
  expect(row(id).bytes).toBeGreaterThanOrEqual(65 * MIB);
});

it('ends counting beyond the files that are allowed, and takes what it has as no news of less', async () => {
  const id = sandbox(1);
  place.store.disk.add(id, { bytes: 40 * MIB, files: 70_000 }, now);
  const deep = join(workspaceDir(place.dataDir, id), 'many');
  mkdirSync(deep);
  for (let index = 0; index < 62_700; index += 1)
    writeFileSync(join(deep, String(index)), '');
  await measureDue(place.deps);
  expect(row(id).files).toBe(70_000);
  expect(row(id).bytes).toBe(40 * MIB);
  rmSync(deep, { recursive: true });
  now += 600_000;
  await measureDue(place.deps);
  expect(row(id).files).toBe(1);
}, 60_000);

it('goes on with the others when one cannot be measured, which has its turn again', async () => {
  const [bad, good] = [sandbox(1), sandbox(1)];
  const home = workspaceDir(place.dataDir, bad);
  rmSync(home, { recursive: true });
  writeFileSync(home, 'no directory');
  await measureDue(place.deps);
  expect(row(bad).measuredAt).toBeNull();
  expect(row(good).measuredAt).toBe(now);
  rmSync(home);
  mkdirSync(home);
  now += 180_000;
  await measureDue(place.deps);
  expect(row(bad).measuredAt).toBe(now);
});

it('measures a sandbox that computes sooner than one in which nothing happens', async () => {
  const id = sandbox(1);
  await measureDue(place.deps);
  for (const ms of [15_000, 30_000]) {
    now += ms;
    await measureDue(place.deps);
  }
  // Unchanged: its next turn would be in a minute.
  const measuredAt = now;
  const sandboxRow = place.store.sandboxes.get(id);
  if (sandboxRow === undefined) throw new Error('no sandbox');
  const sample = (cpuNanos: number) =>
    readActivity(
      {
        ...place.deps,
        docker: {
          ...place.deps.docker,
          stats: () =>
            Promise.resolve({
              ...{ at: now, cpuNanos, networkBytes: 0 },
              ...{ memoryBytes: 0, processes: 1 },
            }),
        },
      },
      sandboxRow,
    );
  await sample(0);
  now += 10_000;
  await sample(5e9);
  now += 5_000;
  await measureDue(place.deps);
  expect(row(id).measuredAt).toBe(measuredAt + 15_000);
});

describe('a stop for disk', () => {
  const stop = (whose: 'sandbox' | 'host', interrupted = 0) => ({
    force: interrupted > 0,
    if_full: { whose, use: '70 of 64 MiB', interrupted },
  });
  const full = (id: SandboxId): void => {
    place.store.disk.add(id, { bytes: 70 * MIB, files: 1 }, now);
  };
  const short = (shortSince: number | null): void => {
    place.store.disk.putSpace({ shortSince, freeMb: 1, totalMb: 2, at: now });
  };

  it.each([
    ['sandbox', DISK_LIMIT_REASON],
    ['host', DISK_RESERVE_REASON],
  ] as const)('for the %s is done, and says why', async (whose, reason) => {
    const id = sandbox(1);
    full(id);
    short(now);
    const job = submit(place, id, 'stop', stop(whose));
    await place.runner().run(job);
    expect(place.store.sandboxes.get(id)).toMatchObject({
      state: 'stopped',
      state_reason: `${reason} (70 of 64 MiB)`,
    });
  });

  it.each(['sandbox', 'host'] as const)(
    'for the %s is taken back when there is room again, but not after its work was ended',
    async (whose) => {
      const id = sandbox(1);
      short(null);
      const kept = submit(place, id, 'stop', stop(whose));
      await place.runner().run(kept);
      expect(place.store.jobs.get(kept)?.result).toMatchObject({
        status: 'running',
        kept: expect.stringContaining('again') as unknown,
      });
      const done = submit(place, id, 'stop', stop(whose, 1));
      await place.runner().run(done);
      expect(place.store.sandboxes.get(id)?.state).toBe('stopped');
    },
  );
});
