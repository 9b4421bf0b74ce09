import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import type { CrashPoint, JobId, SandboxId } from '@sandboxed/domain';
import {
  containerName,
  createRequestSchema,
  DEFAULT_LIMITS,
  defaultPoolSpec,
  DomainError,
  gateFile,
  hostKey,
  MEMBER_MAKING_MS,
  poolKey,
  runDir,
  workspaceDir,
} from '@sandboxed/domain';
import type { WorkerDeps } from '../src/context.ts';
import { clearLeftovers } from '../src/leftovers.ts';
import { createReconciler } from '../src/reconcile.ts';
import { keepPool } from '../src/warm-pool/keep-pool.ts';
import type { World } from './support.ts';
import {
  agentThatServes,
  cleanUp,
  counted,
  newSandbox,
  submit,
  world,
} from './support.ts';

afterEach(cleanUp);

const POOL = { size: 2, image: 'image' };
const KEY = poolKey(defaultPoolSpec('image'));

const FRESH = {
  ...{ protocol: 1, version: '1', pid: 1, started_at_ms: 1 },
  booted: false,
};

/** Agents that answer in every container that runs, unless they are made to be silent. */
function pooled(overrides: Partial<WorkerDeps> = {}) {
  const place = world(overrides);
  const silent = new Set<SandboxId>();
  const answers = (id: SandboxId): boolean =>
    place.deps.docker.running.has(containerName(id)) && !silent.has(id);
  const deps: WorkerDeps = {
    ...place.deps,
    agents: {
      ...place.deps.agents,
      waitReady: (id) =>
        answers(id)
          ? Promise.resolve(FRESH)
          : Promise.reject(new DomainError('agent_unreachable', 'silent')),
      warmUp: () => Promise.resolve(),
      isBooted: (id) => Promise.resolve(answers(id) ? false : undefined),
    },
  };
  return { place, deps, silent };
}

const members = ({ store }: World) => store.warmPool.all();
const states = (place: World) => members(place).map(({ state }) => state);

/** Another worker's view of the pool a while later. */
const later = (deps: WorkerDeps, ms: number): WorkerDeps => ({
  ...deps,
  now: () => Date.now() + ms,
});

describe('the pool', () => {
  it('is filled to what is wanted, with containers that run at addresses of their own, and then left alone', async () => {
    const { place, deps } = pooled();
    await keepPool(deps, POOL);
    expect(states(place)).toEqual(['ready', 'ready']);
    const names = members(place).map(({ id }) => containerName(id));
    const { addresses, running, calls } = place.deps.docker;
    expect(names.every((name) => running.has(name))).toBe(true);
    expect(new Set(names.map((name) => addresses.get(name))).size).toBe(2);
    const before = calls.length;
    await keepPool(deps, POOL);
    expect(calls).toHaveLength(before);
  });

  it('is not filled beyond what is wanted by workers that look after it at once', async () => {
    const { place, deps } = pooled();
    await Promise.all([keepPool(deps, POOL), keepPool(deps, POOL)]);
    expect(states(place)).toEqual(['ready', 'ready']);
    expect(place.deps.docker.running.size).toBe(2);
  });

  it('shuts the gates of a member before its container starts', async () => {
    const shut: SandboxId[] = [];
    const { place, deps } = pooled();
    const edge: WorkerDeps['edge'] = {
      ...deps.edge,
      shut: ({ id }) => {
        expect(place.deps.docker.running.has(containerName(id))).toBe(false);
        shut.push(id);
        return Promise.resolve();
      },
    };
    await keepPool({ ...deps, edge }, POOL);
    expect(shut).toEqual(members(place).map(({ id }) => id));
  });

  it('makes none while jobs are queued, starts wait or memory is short', async () => {
    const { place, deps } = pooled();
    const job = submit(place, newSandbox(place), 'create', {});
    await keepPool(deps, POOL);
    expect(states(place)).toEqual([]);
    place.store.jobs.requestCancel(job, { actor: 'test', now: 1 });
    place.store.pressure.put({
      ...{ band: 'high', availableMb: 1, totalMb: 10, at: 1 },
    });
    await keepPool(deps, POOL);
    expect(states(place)).toEqual([]);
  });

  it('is emptied when memory is short, and filled again only after a rest', async () => {
    const { place, deps } = pooled();
    await keepPool(deps, POOL);
    const reading = { availableMb: 1, totalMb: 10, at: 1 };
    place.store.pressure.put({ ...reading, band: 'high' });
    await keepPool(deps, POOL);
    expect(states(place)).toEqual([]);
    expect(place.deps.docker.containers.size).toBe(0);
    place.store.pressure.put({ ...reading, band: 'normal' });
    await keepPool(deps, POOL);
    expect(states(place)).toEqual([]);
    await keepPool(later(deps, 61_000), POOL);
    expect(states(place)).toEqual(['ready', 'ready']);
  });

  it('replaces what the host has other settings for, and empties when none are wanted', async () => {
    const { place, deps } = pooled();
    await keepPool(deps, POOL);
    const before = members(place);
    const changed = {
      ...deps,
      host: { ...deps.host, runtime: 'runsc' },
    };
    await keepPool(changed, POOL);
    expect(members(place).map((each) => each.hostKey)).toEqual(
      Array(2).fill(hostKey(changed.host)),
    );
    for (const { id } of before)
      expect(place.deps.docker.running.has(containerName(id))).toBe(false);
    await keepPool(changed, { ...POOL, size: 0 });
    expect(states(place)).toEqual([]);
    expect(place.deps.docker.containers.size).toBe(0);
  });

  it('replaces a member whose container died or whose agent hangs', async () => {
    const { place, deps, silent } = pooled();
    await keepPool(deps, POOL);
    const [dead, hung] = members(place).map(({ id }) => id);
    if (dead === undefined || hung === undefined) throw new Error('too few');
    place.deps.docker.running.delete(containerName(dead));
    silent.add(hung);
    await keepPool(deps, POOL);
    const ids = members(place).map(({ id }) => id);
    expect(ids).toHaveLength(2);
    expect(ids).not.toContain(dead);
    expect(ids).not.toContain(hung);
  });

  it('leaves a sandbox alone that was a member when it was looked at', async () => {
    const { place, deps } = pooled();
    await keepPool(deps, { ...POOL, size: 1 });
    const [member] = members(place);
    if (member === undefined) throw new Error('there is no member');
    const agents: WorkerDeps['agents'] = {
      ...deps.agents,
      // A create takes it, and its agent is busy with that.
      isBooted: () => {
        place.store.warmPool.claim(KEY);
        return Promise.resolve(undefined);
      },
    };
    await keepPool({ ...deps, agents }, { ...POOL, size: 1 });
    expect(members(place).map(({ id }) => id)).not.toContain(member.id);
    expect(place.deps.docker.running.has(containerName(member.id))).toBe(true);
  });
});

describe('a member that cannot be made', () => {
  it('is removed, told once, and tried again later each time', async () => {
    const { place, deps } = pooled();
    const warn = jest.spyOn(deps.logger, 'warn');
    const refusing: WorkerDeps = {
      ...deps,
      docker: {
        ...deps.docker,
        start: () => Promise.reject(new DomainError('start_failed', 'no')),
      },
    };
    await keepPool(refusing, POOL);
    expect(states(place)).toEqual([]);
    expect(place.deps.docker.containers.size).toBe(0);
    expect(place.store.warmPool.rest().failures).toBe(1);
    await keepPool(refusing, POOL);
    expect(place.store.warmPool.rest().failures).toBe(1);
    await keepPool(later(refusing, 5_001), POOL);
    expect(place.store.warmPool.rest().failures).toBe(2);
    expect(warn).toHaveBeenCalledTimes(1);
    await keepPool(later(deps, 60_000), POOL);
    expect(place.store.warmPool.rest().failures).toBe(0);
    expect(states(place)).toEqual(['ready', 'ready']);
  });

  it('is cleared with its container when its worker died', async () => {
    const died = new Error('the worker died');
    const { place, deps } = pooled();
    const dying: WorkerDeps = {
      ...deps,
      reach: (point: CrashPoint) => {
        if (point === 'pool.started') throw died;
      },
      docker: { ...deps.docker, remove: () => Promise.reject(died) },
    };
    // What makes it ends at the point, and removes nothing any more.
    const store = {
      ...deps.store,
      warmPool: {
        ...deps.store.warmPool,
        retire: () => 0,
        putRest: () => undefined,
      },
    };
    await keepPool({ ...dying, store }, POOL);
    expect(states(place)).toEqual(['making']);
    expect(place.deps.docker.running.size).toBe(1);
    await keepPool(deps, { ...POOL, size: 1 });
    expect(states(place)).toEqual(['making']);
    await keepPool(later(deps, MEMBER_MAKING_MS + 1_000), { ...POOL, size: 1 });
    expect(states(place)).toEqual(['ready']);
    expect(place.deps.docker.running.size).toBe(1);
  });

  it('leaves nothing of its own when its row was cleared while it was made', async () => {
    const { place, deps } = pooled();
    const overtaken: WorkerDeps = {
      ...deps,
      reach: (point) => {
        if (point === 'pool.started') place.store.warmPool.clear();
      },
    };
    await keepPool(overtaken, POOL);
    expect(states(place)).toEqual([]);
    expect(place.deps.docker.containers.size).toBe(0);
  });
});

describe('a member', () => {
  it('is no orphan to reconciling: neither its container, nor its directories or gates', async () => {
    const { place, deps } = pooled();
    await keepPool(deps, POOL);
    const ids = members(place).map(({ id }) => id);
    const files = ids.map((id) => gateFile(place.dataDir, id, 3000));
    mkdirSync(`${place.dataDir}/edge`, { recursive: true });
    for (const id of ids) {
      mkdirSync(workspaceDir(place.dataDir, id), { recursive: true });
      mkdirSync(runDir(place.dataDir, id), { recursive: true });
    }
    for (const file of files) writeFileSync(file, '{}');
    const reconciler = createReconciler(deps);
    await reconciler.all();
    for (const id of ids) await reconciler.one(id);
    const unlisted = { ...deps.docker, list: () => Promise.resolve([]) };
    await clearLeftovers(later({ ...deps, docker: unlisted }, 30_000));
    expect(counted(place)).toEqual({});
    expect(place.deps.docker.running.size).toBe(2);
    for (const id of ids) {
      expect(existsSync(workspaceDir(place.dataDir, id))).toBe(true);
      expect(existsSync(runDir(place.dataDir, id))).toBe(true);
      expect(place.store.sandboxes.get(id)).toBeUndefined();
    }
    expect(files.every((file) => existsSync(file))).toBe(true);
  });

  it('that was forgotten is an orphan like any other', async () => {
    const { place, deps } = pooled();
    await keepPool(deps, POOL);
    place.store.warmPool.clear();
    await createReconciler(deps).all();
    expect(place.deps.docker.containers.size).toBe(0);
  });

  it('that a create has taken is its container, which is neither made nor started again', async () => {
    const { place, deps } = pooled();
    await keepPool(deps, { ...POOL, size: 1 });
    const { id, job } = claimed(place);
    const { dockerId, name } = place.deps.docker.named(containerName(id));
    place.deps.docker.calls.length = 0;
    await agentThatServes(place, id);
    await place.runner().run(job);
    expect(place.store.jobs.get(job)?.status).toBe('succeeded');
    expect(place.store.sandboxes.get(id)?.state).toBe('running');
    expect(place.deps.docker.named(name).dockerId).toBe(dockerId);
    expect(place.deps.docker.calls).toEqual([]);
  });

  it.each([
    ['whose agent is silent', () => undefined],
    [
      'whose container died',
      (place: World, name: string) => {
        place.deps.docker.named(name).running = false;
      },
    ],
    [
      'whose container is gone',
      (place: World, name: string) => {
        place.deps.docker.running.delete(name);
      },
    ],
  ])('%s is made anew by the create that has it', async (_what, harm) => {
    const { place, deps, silent } = pooled();
    await keepPool(deps, { ...POOL, size: 1 });
    const { id, job } = claimed(place);
    const name = containerName(id);
    silent.add(id);
    harm(place, name);
    await agentThatServes(place, id);
    const docker: WorkerDeps['docker'] = {
      ...deps.docker,
      start: (started) => {
        silent.delete(id);
        return deps.docker.start(started);
      },
    };
    const agents = { ...deps.agents, client: place.deps.agents.client };
    await place.runner({ agents, docker }).run(job);
    expect(place.store.jobs.get(job)?.status).toBe('succeeded');
    expect(place.deps.docker.running.has(name)).toBe(true);
    expect(place.deps.docker.calls).toContain(`start ${name}`);
  });
});

/** What the api does with a create that fits: the sandbox and its job. */
function claimed(place: World): {
  readonly id: SandboxId;
  readonly job: JobId;
} {
  const { store } = place;
  return store.transaction(() => {
    const member = store.warmPool.claim(KEY);
    if (member === undefined) throw new Error('there is no member');
    const { id, generation } = member;
    const request = createRequestSchema.parse({});
    store.sandboxes.insert(
      {
        ...request,
        id,
        ...{ tenant: 'open', name: null, image: 'image', template: null },
        ...{ limits: DEFAULT_LIMITS, idle_timeout_seconds: 60 },
      },
      {},
      { actor: 'test', now: Date.now(), generation },
    );
    return { id, job: submit(place, id, 'create', {}) };
  });
}
