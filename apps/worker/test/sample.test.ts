import type { ContainerStats } from '@sandboxed/docker';
import type { SandboxId } from '@sandboxed/domain';
import { createMaintenance } from '../src/maintenance.ts';
import { createReconciler } from '../src/reconcile.ts';
import { readActivity, sampleAll } from '../src/sample.ts';
import type { World } from './support.ts';
import { cleanUp, runningSandbox, standIn, world } from './support.ts';

afterEach(cleanUp);

const MINUTE = 60_000;

/** Reads a sandbox twice, a minute apart and with `networkBytes` between; answers whether that kept it awake. */
async function keptAwake(
  place: World,
  id: SandboxId,
  networkBytes: number,
): Promise<boolean> {
  const { store, deps } = place;
  const at = Date.now() + MINUTE;
  const read = async (stats: Partial<ContainerStats>): Promise<void> => {
    const sandbox = store.sandboxes.get(id);
    if (sandbox === undefined) throw new Error('no sandbox');
    const figures = { at, cpuNanos: 0, networkBytes: 0, ...stats };
    await readActivity(
      {
        ...deps,
        now: () => figures.at,
        docker: {
          ...deps.docker,
          stats: () =>
            Promise.resolve({ memoryBytes: 0, processes: 1, ...figures }),
        },
      },
      sandbox,
    );
  };
  await read({});
  await read({ at: at + MINUTE, networkBytes });
  return store.sandboxes.get(id)?.last_active_at === at + MINUTE;
}

const connected = (place: World, id: SandboxId, ports: number[]) =>
  standIn(place, id, (_, response) => {
    response.end(JSON.stringify({ ports }));
  });

it('a quiet connection to a published port keeps a sandbox awake', async () => {
  const place = world();
  const id = runningSandbox(place);
  await connected(place, id, [3000]);
  expect(await keptAwake(place, id, 0)).toBe(true);
});

it('a connection to another port does not', async () => {
  const place = world();
  const id = runningSandbox(place);
  await connected(place, id, [5432]);
  expect(await keptAwake(place, id, 0)).toBe(false);
});

it.each([
  [
    'is older than the question',
    (place: World, id: SandboxId) =>
      standIn(place, id, (_, response) => {
        response.statusCode = 404;
        response.end(JSON.stringify({ code: 'not_found', message: 'no' }));
      }),
  ],
  [
    'does not answer',
    (place: World, id: SandboxId) => standIn(place, id, () => undefined),
  ],
  ['is not there', () => Promise.resolve()],
])('an agent that %s keeps nothing awake', async (_, prepare) => {
  const place = world();
  const id = runningSandbox(place);
  await prepare(place, id);
  expect(await keptAwake(place, id, 0)).toBe(false);
});

it('activity that lies ahead because the clock was set back does not keep it awake until then', async () => {
  const place = world();
  const id = runningSandbox(place);
  const hourAhead = Date.now() + 60 * MINUTE;
  place.store.sandboxes.touch(id, hourAhead);
  await keptAwake(place, id, 0);
  expect(place.store.sandboxes.get(id)?.last_active_at).toBeLessThan(
    hourAhead - 50 * MINUTE,
  );
});

it('one small request keeps it awake', async () => {
  const place = world();
  expect(await keptAwake(place, runningSandbox(place), 1_159)).toBe(true);
});

it('the figures of a sandbox that was removed meanwhile are not kept', async () => {
  const place = world();
  const id = runningSandbox(place);
  const sandbox = place.store.sandboxes.get(id);
  if (sandbox === undefined) throw new Error('no sandbox');
  const details = { actor: 'test', reason: 'test', now: Date.now() };
  place.store.sandboxes.transition(id, 'delete', details);
  place.store.sandboxes.transition(id, 'removed', details);
  const stats = {
    at: Date.now(),
    cpuNanos: 0,
    networkBytes: 0,
    memoryBytes: 0,
    processes: 1,
  };
  await readActivity(
    {
      ...place.deps,
      docker: { ...place.deps.docker, stats: () => Promise.resolve(stats) },
    },
    sandbox,
  );
  expect(place.store.samples.get(id)).toBeUndefined();
});

it.each([
  ['no figures while the host has memory enough', 30, 0],
  ['the figures as often as the band is judged while it is short', 14, 3],
])('reads %s', async (_, percent, rounds) => {
  const place = world({
    hostMemory: () => ({ totalMb: 1_000, availableMb: percent * 10 }),
  });
  const id = runningSandbox(place);
  const sizes = [100, 200, 300];
  let read = 0;
  const docker = {
    ...place.deps.docker,
    stats: () => {
      const memoryBytes = sizes[read] ?? 0;
      read += 1;
      return Promise.resolve({
        ...{ at: read, cpuNanos: 0, networkBytes: 0, processes: 1 },
        memoryBytes,
      });
    },
  };
  const deps = { ...place.deps, docker };
  const tick = createMaintenance(
    deps,
    createReconciler(deps),
    { size: 0, image: '' },
    new AbortController().signal,
  );
  for (const size of sizes) {
    await tick('weigh');
    expect(place.store.samples.get(id)?.memoryBytes).toBe(
      rounds === 0 ? undefined : size,
    );
  }
  expect(read).toBe(rounds);
});

it('a round ends although some sandboxes cannot be read to the end', async () => {
  const place = world();
  const stats = jest.fn(() => new Promise<never>(() => undefined));
  for (let n = 0; n < 9; n += 1) runningSandbox(place);
  await sampleAll({
    ...place.deps,
    docker: { ...place.deps.docker, stats },
  });
  expect(stats).toHaveBeenCalledTimes(9);
});
