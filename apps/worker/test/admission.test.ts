import type { HostMemory, JobId, SandboxId } from '@sandboxed/domain';
import {
  containerName,
  DomainError,
  jobIdSchema,
  MAX_WAITING_STARTS,
  sandboxIdSchema,
  START_COST_MB,
} from '@sandboxed/domain';
import { openStore } from '@sandboxed/store';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { admitWaiting } from '../src/admission.ts';
import { createReconciler } from '../src/reconcile.ts';
import { MAX_CLAIMS } from '@sandboxed/jobs';
import type { World } from './support.ts';
import {
  afterwards,
  agentThatServes,
  cleanUp,
  newSandbox,
  runningSandbox,
  submit,
  world,
} from './support.ts';

afterEach(cleanUp);

const FULL: HostMemory = { totalMb: 4_096, availableMb: 500 };
const withRoomFor = (starts: number): HostMemory => ({
  totalMb: 4_096,
  availableMb: 410 + starts * START_COST_MB,
});

interface Place {
  readonly world: World;
  host: HostMemory;
  run(job: JobId): Promise<void>;
}

/** A world whose host has as much memory as the test says. */
function place(host: HostMemory): Place {
  const here: Place = {
    host,
    world: world({ hostMemory: () => here.host }),
    run: (job: JobId) => here.world.runner().run(job),
  };
  return here;
}

/** A sandbox that sleeps. */
function sleeping(here: World): SandboxId {
  const id = runningSandbox(here);
  here.deps.docker.running.delete(containerName(id));
  const by = { actor: 'test', reason: 'test', now: Date.now() };
  here.store.sandboxes.transition(id, 'exited', by);
  return id;
}

const offered = ({ store }: World): readonly JobId[] =>
  store.jobs.toOffer(Date.now(), 10_000).map(({ id }) => id);

const messages = ({ store }: World, jobId: JobId): readonly unknown[] =>
  store.events
    .after({ jobId }, 0, 100)
    .map(({ data }) => data['message'])
    .filter((message) => message !== undefined);

describe('a start for which there is no memory', () => {
  it('waits without a lane, a lease or a try, and says so', async () => {
    const here = place(FULL);
    const { store, deps } = here.world;
    const id = sleeping(here.world);
    const start = submit(here.world, id, 'start', {});
    await here.run(start);
    expect(store.jobs.get(start)).toMatchObject({
      status: 'queued',
      attempts: 0,
      worker_id: null,
      lease_until: null,
      started_at: null,
    });
    expect(messages(here.world, start)).toEqual(['waiting for memory']);
    expect(store.sandboxes.get(id)).toMatchObject({
      state: 'stopped',
      reserved_mb: 0,
    });
    expect(deps.docker.calls).toEqual([]);
    expect(offered(here.world)).toEqual([]);
    expect(store.jobs.claim(start, 'other', Date.now())).toBeUndefined();
  });

  it('is left alone by reconcile, a create as well', async () => {
    const here = place(FULL);
    const { store } = here.world;
    const start = submit(here.world, sleeping(here.world), 'start', {});
    const made = newSandbox(here.world);
    const create = submit(here.world, made, 'create', {});
    await here.run(start);
    await here.run(create);
    await createReconciler(here.world.deps).all();
    expect(store.sandboxes.get(made)?.state).toBe('creating');
    expect(store.starts.waiting().map(({ jobId }) => jobId)).toEqual([
      start,
      create,
    ]);
  });

  it('goes on when memory came free, with its memory held, and runs', async () => {
    const here = place(FULL);
    const { store } = here.world;
    const id = sleeping(here.world);
    await agentThatServes(here.world, id);
    const start = submit(here.world, id, 'start', {});
    await here.run(start);
    here.host = withRoomFor(1);
    admitWaiting(here.world.deps);
    expect(offered(here.world)).toEqual([start]);
    expect(store.sandboxes.get(id)).toMatchObject({
      state: 'starting',
      reserved_mb: START_COST_MB,
    });
    // Gone again meanwhile: what is held is held.
    here.host = FULL;
    await here.run(start);
    expect(store.jobs.get(start)).toMatchObject({
      status: 'succeeded',
      attempts: 1,
    });
    expect(store.sandboxes.get(id)?.state).toBe('running');
    expect(store.sandboxes.reservedMb()).toBe(0);
  });

  it('goes on as soon as a stop has made room', async () => {
    const here = place(FULL);
    const other = runningSandbox(here.world);
    const start = submit(here.world, sleeping(here.world), 'start', {});
    await here.run(start);
    const stop = submit(here.world, other, 'stop', { force: false });
    here.host = withRoomFor(1);
    await here.run(stop);
    expect(offered(here.world)).toEqual([start]);
  });

  it('is given up after its time; what slept sleeps on, what was never made says why', async () => {
    const here = place(FULL);
    const { store, deps } = here.world;
    const id = sleeping(here.world);
    const start = submit(here.world, id, 'start', {});
    const made = newSandbox(here.world);
    const create = submit(here.world, made, 'create', {});
    await here.run(start);
    await here.run(create);
    const at = Date.now();
    admitWaiting({ ...deps, now: () => at + deps.startWaitMs - 1_000 });
    expect(store.starts.count()).toBe(2);
    admitWaiting({ ...deps, now: () => at + deps.startWaitMs });
    expect(store.starts.count()).toBe(0);
    for (const job of [start, create])
      expect(store.jobs.get(job)).toMatchObject({
        status: 'failed',
        error: { code: 'no_capacity', retryable: true },
      });
    expect(store.sandboxes.get(id)?.state).toBe('stopped');
    expect(store.sandboxes.get(made)).toMatchObject({
      state: 'error',
      error_code: 'no_capacity',
    });
  });

  it('is given up when the clock was set back by far, and not when by a little', async () => {
    const here = place(FULL);
    const { store, deps } = here.world;
    const start = submit(here.world, sleeping(here.world), 'start', {});
    await here.run(start);
    admitWaiting({ ...deps, now: () => Date.now() - deps.startWaitMs / 2 });
    expect(store.jobs.get(start)?.status).toBe('queued');
    admitWaiting({ ...deps, now: () => Date.now() - 3_600_000 });
    expect(store.jobs.get(start)).toMatchObject({
      status: 'failed',
      error: { code: 'no_capacity' },
    });
  });

  it('tells the command that wanted it why, once it was given up', async () => {
    const here = place(FULL);
    const { store, deps } = here.world;
    const id = sleeping(here.world);
    const start = submit(here.world, id, 'start', {});
    const exec = submit(here.world, id, 'exec', {
      shell: 'true',
      timeout_seconds: 1,
      background: false,
    });
    await here.run(start);
    admitWaiting({ ...deps, now: () => Date.now() + deps.startWaitMs });
    await here.run(exec);
    expect(store.jobs.get(exec)).toMatchObject({
      status: 'failed',
      error: { code: 'no_capacity', retryable: true },
    });
  });

  it.each(['stop', 'delete'] as const)(
    'does not let a %s wait that was asked for meanwhile',
    async (kind) => {
      const here = place(FULL);
      const { store } = here.world;
      const slept = sleeping(here.world);
      const made = newSandbox(here.world);
      for (const [id, first] of [
        [slept, 'start'],
        [made, 'create'],
      ] as const) {
        const start = submit(here.world, id, first, {});
        const end =
          kind === 'stop'
            ? submit(here.world, id, kind, { force: false })
            : submit(here.world, id, kind, {});
        await here.run(start);
        expect(store.jobs.get(start)).toMatchObject({
          status: 'failed',
          error: { code: 'no_capacity' },
        });
        expect(offered(here.world)).toEqual([end]);
        await here.run(end);
        expect(store.jobs.get(end)?.status).toBe('succeeded');
      }
      expect(store.starts.count()).toBe(0);
    },
  );

  it('is refused at once when very many wait, without being tried again', async () => {
    const here = place(FULL);
    const { store } = here.world;
    store.transaction(() => {
      for (let n = 0; n < MAX_WAITING_STARTS; n += 1)
        store.starts.enter({
          jobId: jobIdSchema.parse(ulid()),
          sandboxId: sandboxIdSchema.parse(ulid()),
          tenant: 'other',
          costMb: 384,
          waitingSince: n,
        });
    });
    const start = submit(here.world, sleeping(here.world), 'start', {});
    await here.run(start);
    expect(store.jobs.get(start)).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { code: 'no_capacity' },
    });
  });
});

describe('starts of several tenants', () => {
  it('go on in turn, so that a burst of one starves no other', async () => {
    const here = place(FULL);
    const { store } = here.world;
    const wake = async (tenant: string): Promise<void> => {
      const id = newSandbox(here.world, { tenant });
      await here.run(submit(here.world, id, 'create', {}));
    };
    for (let n = 0; n < 50; n += 1) await wake('busy');
    await wake('single');
    here.host = withRoomFor(2);
    admitWaiting(here.world.deps);
    const held = store.sandboxes
      .inStates(['creating'])
      .filter(({ reserved_mb }) => reserved_mb > 0)
      .map(({ tenant }) => tenant);
    expect(held.sort()).toEqual(['busy', 'single']);
  });

  it('are promised no memory twice by two workers', async () => {
    const here = place(FULL);
    const { deps, dataDir, store } = here.world;
    for (let n = 0; n < 4; n += 1)
      await here.run(submit(here.world, newSandbox(here.world), 'create', {}));
    const other = openStore({
      path: join(dataDir, 'test.sqlite'),
      keyFile: join(dataDir, 'secret.key'),
      onCommit: () => undefined,
      onError: () => undefined,
    });
    afterwards(() => {
      other.close();
    });
    here.host = withRoomFor(3);
    admitWaiting(deps);
    admitWaiting({ ...deps, store: other });
    expect(store.sandboxes.reservedMb()).toBe(3 * START_COST_MB);
    expect(store.starts.count()).toBe(1);
  });

  it('do not overtake those that wait, however small they are', async () => {
    const here = place(FULL);
    await here.run(submit(here.world, newSandbox(here.world), 'create', {}));
    const small = newSandbox(here.world, {
      limits: { memory_mb: 64, cpus: 1, pids: 64, disk_mb: 64 },
    });
    await here.run(submit(here.world, small, 'create', {}));
    expect(here.world.store.starts.count()).toBe(2);
  });
});

describe('the memory held for a start is let go', () => {
  it('when it fails for good', async () => {
    const here = place(withRoomFor(3));
    const { store, deps } = here.world;
    const id = newSandbox(here.world);
    const create = submit(here.world, id, 'create', {});
    let held = 0;
    const docker = {
      ...deps.docker,
      ensure: () => {
        held = store.sandboxes.reservedMb();
        return Promise.reject(new DomainError('image_missing', 'no'));
      },
    };
    await here.world.runner({ docker }).run(create);
    expect(held).toBe(START_COST_MB);
    expect(store.sandboxes.get(id)?.state).toBe('error');
    expect(store.sandboxes.reservedMb()).toBe(0);
  });

  it('when all its workers were lost', async () => {
    const here = place(withRoomFor(3));
    const { store, deps } = here.world;
    const id = sleeping(here.world);
    const start = submit(here.world, id, 'start', {});
    const docker = {
      ...deps.docker,
      ensure: () =>
        Promise.reject(new DomainError('stale_write', 'the worker is gone')),
    };
    let now = Date.now();
    for (let n = 0; n <= MAX_CLAIMS; n += 1) {
      await here.world.runner({ docker, now: () => now }).run(start);
      now += 10_000;
    }
    expect(store.jobs.get(start)?.error?.code).toBe('worker_lost');
    expect(store.sandboxes.reservedMb()).toBe(0);
  });

  it('when it was deleted right behind', async () => {
    const here = place(withRoomFor(3));
    const { store } = here.world;
    const id = newSandbox(here.world);
    await agentThatServes(here.world, id);
    const create = submit(here.world, id, 'create', {});
    const remove = submit(here.world, id, 'delete', {});
    await here.run(create);
    await here.run(remove);
    expect(store.sandboxes.get(id)?.state).toBe('deleted');
    expect(store.sandboxes.reservedMb()).toBe(0);
  });

  it('when its row was left in the middle without a job', async () => {
    const here = place(withRoomFor(3));
    const { store } = here.world;
    const id = sleeping(here.world);
    const by = { actor: 'test', reason: 'test', now: Date.now() };
    store.sandboxes.transition(id, 'start', by);
    store.sandboxes.reserve(id, START_COST_MB);
    expect(store.sandboxes.reservedMb()).toBe(START_COST_MB);
    await createReconciler(here.world.deps).all();
    expect(store.sandboxes.reservedMb()).toBe(0);
  });
});
