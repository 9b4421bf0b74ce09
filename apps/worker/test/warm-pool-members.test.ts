import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import {
  containerName,
  gateFile,
  runDir,
  workspaceDir,
} from '@sandboxed/domain';
import type { WorkerDeps } from '../src/context.ts';
import { clearLeftovers } from '../src/leftovers.ts';
import { createReconciler } from '../src/reconcile.ts';
import { keepPool } from '../src/warm-pool/keep-pool.ts';
import type { World } from './support.ts';
import { agentThatServes, cleanUp, counted } from './support.ts';
import {
  claimed,
  later,
  members,
  POOL,
  pooled,
  RUNNING,
} from './warm-pool-support.ts';

afterEach(cleanUp);

describe('a member', () => {
  it('is no orphan to reconciling: neither its container, nor its directories or gates', async () => {
    const { place, deps } = pooled();
    await keepPool(deps, POOL, RUNNING);
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
    await keepPool(deps, POOL, RUNNING);
    place.store.warmPool.clear();
    await createReconciler(deps).all();
    expect(place.deps.docker.containers.size).toBe(0);
  });

  it('that a create has taken is its container, which is neither made nor started again', async () => {
    const { place, deps } = pooled();
    await keepPool(deps, { ...POOL, size: 1 }, RUNNING);
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

  it('whose agent is held up for longer than an answer may take is kept by the create that has it', async () => {
    const { place, deps } = pooled();
    await keepPool(deps, { ...POOL, size: 1 }, RUNNING);
    const { id, job } = claimed(place);
    const { dockerId, name } = place.deps.docker.named(containerName(id));
    await agentThatServes(place, id);
    const agents = {
      ...deps.agents,
      client: place.deps.agents.client,
      isBooted: () => Promise.resolve(undefined),
    };
    await place.runner({ agents }).run(job);
    expect(place.store.jobs.get(job)?.status).toBe('succeeded');
    expect(place.deps.docker.named(name).dockerId).toBe(dockerId);
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
    await keepPool(deps, { ...POOL, size: 1 }, RUNNING);
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
