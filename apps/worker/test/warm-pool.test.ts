import type { CrashPoint, SandboxId } from '@sandboxed/domain';
import {
  containerName,
  DomainError,
  hostKey,
  MEMBER_MAKING_MS,
} from '@sandboxed/domain';
import type { WorkerDeps } from '../src/context.ts';
import { keepPool } from '../src/warm-pool/keep-pool.ts';
import { retireReplaced } from '../src/warm-pool/retire-replaced.ts';
import { cleanUp, newSandbox, submit } from './support.ts';
import {
  KEY,
  later,
  members,
  POOL,
  pooled,
  RUNNING,
  states,
} from './warm-pool-support.ts';

afterEach(cleanUp);

describe('the pool', () => {
  it('is filled to what is wanted, with containers that run at addresses of their own, and then left alone', async () => {
    const { place, deps } = pooled();
    await keepPool(deps, POOL, RUNNING);
    expect(states(place)).toEqual(['ready', 'ready']);
    const names = members(place).map(({ id }) => containerName(id));
    const { addresses, running, calls } = place.deps.docker;
    expect(names.every((name) => running.has(name))).toBe(true);
    expect(new Set(names.map((name) => addresses.get(name))).size).toBe(2);
    const before = calls.length;
    await keepPool(deps, POOL, RUNNING);
    expect(calls).toHaveLength(before);
  });

  it('is not filled beyond what is wanted by workers that look after it at once', async () => {
    const { place, deps } = pooled();
    await Promise.all([
      keepPool(deps, POOL, RUNNING),
      keepPool(deps, POOL, RUNNING),
    ]);
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
      },
    };
    await keepPool({ ...deps, edge }, POOL, RUNNING);
    expect(shut).toEqual(members(place).map(({ id }) => id));
  });

  it('makes none while jobs are queued, starts wait or memory is short', async () => {
    const { place, deps } = pooled();
    const job = submit(place, newSandbox(place), 'create', {});
    await keepPool(deps, POOL, RUNNING);
    expect(states(place)).toEqual([]);
    place.store.jobs.requestCancel(job, { actor: 'test', now: 1 });
    place.store.pressure.put({
      ...{ band: 'high', availableMb: 1, totalMb: 10, at: 1 },
    });
    await keepPool(deps, POOL, RUNNING);
    expect(states(place)).toEqual([]);
  });

  it('is emptied when memory is short, and filled again only after a rest', async () => {
    const { place, deps } = pooled();
    await keepPool(deps, POOL, RUNNING);
    const reading = { availableMb: 1, totalMb: 10, at: 1 };
    place.store.pressure.put({ ...reading, band: 'high' });
    await keepPool(deps, POOL, RUNNING);
    expect(states(place)).toEqual([]);
    expect(place.deps.docker.containers.size).toBe(0);
    place.store.pressure.put({ ...reading, band: 'normal' });
    await keepPool(deps, POOL, RUNNING);
    expect(states(place)).toEqual([]);
    await keepPool(later(deps, 61_000), POOL, RUNNING);
    expect(states(place)).toEqual(['ready', 'ready']);
  });

  it('replaces what the host has other settings for, and empties when none are wanted', async () => {
    const { place, deps } = pooled();
    await keepPool(deps, POOL, RUNNING);
    const before = members(place);
    const changed = {
      ...deps,
      host: { ...deps.host, runtime: 'runsc' },
    };
    await keepPool(changed, POOL, RUNNING);
    expect(members(place).map((each) => each.hostKey)).toEqual(
      Array(2).fill(hostKey(changed.host)),
    );
    for (const { id } of before)
      expect(place.deps.docker.running.has(containerName(id))).toBe(false);
    await keepPool(changed, { ...POOL, size: 0 }, RUNNING);
    expect(states(place)).toEqual([]);
    expect(place.deps.docker.containers.size).toBe(0);
  });

  it('replaces a member whose container died or whose agent hangs', async () => {
    const { place, deps, silent } = pooled();
    await keepPool(deps, POOL, RUNNING);
    const [dead, hung] = members(place).map(({ id }) => id);
    if (dead === undefined || hung === undefined) throw new Error('too few');
    place.deps.docker.running.delete(containerName(dead));
    silent.add(hung);
    await keepPool(deps, POOL, RUNNING);
    const ids = members(place).map(({ id }) => id);
    expect(ids).toHaveLength(2);
    expect(ids).not.toContain(dead);
    expect(ids).not.toContain(hung);
  });

  it('leaves a sandbox alone that was a member when it was looked at', async () => {
    const { place, deps } = pooled();
    await keepPool(deps, { ...POOL, size: 1 }, RUNNING);
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
    await keepPool({ ...deps, agents }, { ...POOL, size: 1 }, RUNNING);
    expect(members(place).map(({ id }) => id)).not.toContain(member.id);
    expect(place.deps.docker.running.has(containerName(member.id))).toBe(true);
  });
});

describe('a worker', () => {
  it('that starts retires members whose image was replaced under its name', async () => {
    const { place, deps } = pooled();
    await keepPool(deps, POOL, RUNNING);
    const [old, other] = members(place).map(({ id }) => id);
    if (old === undefined) throw new Error('too few');
    place.deps.docker.named(containerName(old)).image =
      `sha256:${'0'.repeat(64)}`;
    await retireReplaced(deps, POOL.image);
    expect(states(place).toSorted()).toEqual(['leaving', 'ready']);
    await keepPool(deps, POOL, RUNNING);
    const ids = members(place).map(({ id }) => id);
    expect(ids).toHaveLength(2);
    expect(ids).toContain(other);
    expect(place.deps.docker.running.has(containerName(old))).toBe(false);
  });

  it('that goes away does not wait for the member that it makes, leaves nothing of it, and makes no other', async () => {
    const { place, deps } = pooled();
    const stopping = new AbortController();
    const asked: SandboxId[] = [];
    const agents: WorkerDeps['agents'] = {
      ...deps.agents,
      waitReady: (id, _ms, signal) => {
        asked.push(id);
        setImmediate(() => {
          stopping.abort();
        });
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('aborted'));
          });
        });
      },
    };
    await keepPool({ ...deps, agents }, POOL, stopping.signal);
    expect(asked).toHaveLength(1);
    expect(states(place)).toEqual([]);
    expect(place.deps.docker.containers.size).toBe(0);
    expect(place.store.warmPool.rest().failures).toBe(0);
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
    await keepPool(refusing, POOL, RUNNING);
    expect(states(place)).toEqual([]);
    expect(place.deps.docker.containers.size).toBe(0);
    expect(place.store.warmPool.rest().failures).toBe(1);
    await keepPool(refusing, POOL, RUNNING);
    expect(place.store.warmPool.rest().failures).toBe(1);
    await keepPool(later(refusing, 5_001), POOL, RUNNING);
    expect(place.store.warmPool.rest().failures).toBe(2);
    expect(warn).toHaveBeenCalledTimes(1);
    await keepPool(later(deps, 60_000), POOL, RUNNING);
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
    await keepPool({ ...dying, store }, POOL, RUNNING);
    expect(states(place)).toEqual(['making']);
    expect(place.deps.docker.running.size).toBe(1);
    await keepPool(deps, { ...POOL, size: 1 }, RUNNING);
    expect(states(place)).toEqual(['making']);
    await keepPool(
      later(deps, MEMBER_MAKING_MS + 1_000),
      { ...POOL, size: 1 },
      RUNNING,
    );
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
    await keepPool(overtaken, POOL, RUNNING);
    expect(states(place)).toEqual([]);
    expect(place.deps.docker.containers.size).toBe(0);
  });
});
