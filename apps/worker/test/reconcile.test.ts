import { containerName, DomainError } from '@sandboxed/domain';
import { createMaintenance } from '../src/maintenance.ts';
import { createReconciler } from '../src/reconcile.ts';
import {
  cleanUp,
  newSandbox,
  runningSandbox,
  standIn,
  until,
  world,
} from './support.ts';

afterEach(cleanUp);

const HEALTH = {
  protocol: 1,
  version: '1',
  pid: 1,
  started_at_ms: 1,
  booted: false,
};

it('is not held up by sandboxes whose agent does not answer', async () => {
  const place = world();
  for (let index = 0; index < 5; index += 1)
    await standIn(place, runningSandbox(place), () => undefined);
  const gone = runningSandbox(place);
  place.deps.docker.running.delete(containerName(gone));
  const began = performance.now();
  await createReconciler(place.deps).all();
  expect(place.store.sandboxes.get(gone)?.state).toBe('stopped');
  expect(performance.now() - began).toBeLessThan(4_000);
});

it('looks after sandboxes also while their network is not as it has to be', async () => {
  const place = world();
  const gone = runningSandbox(place);
  place.deps.docker.running.delete(containerName(gone));
  const docker = {
    ...place.deps.docker,
    ensureNetworks: () =>
      Promise.reject(new DomainError('container_conflict', 'not ours')),
  };
  await createReconciler({ ...place.deps, docker }).all();
  expect(place.store.sandboxes.get(gone)?.state).toBe('stopped');
});

it('writes down a state that it corrected', async () => {
  const place = world();
  const gone = runningSandbox(place);
  place.deps.docker.running.delete(containerName(gone));
  await createReconciler(place.deps).all();
  expect(
    place.store.audit.list({ target: gone, limit: 1 }).items,
  ).toMatchObject([
    { actor: 'reconciler', action: 'finding.container_gone', source: null },
  ]);
});

it('goes on with the others while one takes its time to boot', async () => {
  const place = world();
  let release: (() => void) | undefined;
  const slow = runningSandbox(place);
  await standIn(place, slow, (request, response) => {
    if (request.url === '/v1/app')
      release = () => {
        response.end(JSON.stringify({ present: [], texts: {} }));
      };
    else response.end(JSON.stringify(HEALTH));
  });
  const gone = runningSandbox(place);
  place.deps.docker.running.delete(containerName(gone));
  const round = createReconciler(place.deps).all();
  await until(
    () =>
      release !== undefined &&
      place.store.sandboxes.get(gone)?.state === 'stopped',
  );
  release?.();
  await round;
});

describe('the client of an agent', () => {
  it.each(['stopped', 'deleted'])(
    'is dropped when the sandbox is %s, whoever ended it',
    async (state) => {
      const place = world();
      const id = newSandbox(place);
      const details = { actor: 'test', reason: 'test', now: Date.now() };
      place.store.sandboxes.transition(id, 'ready', details);
      const events =
        state === 'stopped'
          ? (['exited'] as const)
          : (['delete', 'removed'] as const);
      for (const event of events)
        place.store.sandboxes.transition(id, event, details);
      const client = place.deps.agents.client(id);
      await createReconciler(place.deps).one(id);
      expect(place.deps.agents.client(id)).not.toBe(client);
    },
  );

  it('of what was removed is dropped by the next round, when the event was missed', async () => {
    const place = world();
    const id = newSandbox(place);
    const details = { actor: 'test', reason: 'test', now: Date.now() };
    for (const event of ['ready', 'delete', 'removed'] as const)
      place.store.sandboxes.transition(id, event, details);
    place.deps.agents.client(id);
    await createReconciler(place.deps).all();
    expect(place.deps.agents.known()).toEqual([]);
  });

  it('stays while the sandbox is up', async () => {
    const place = world();
    const id = runningSandbox(place);
    const client = place.deps.agents.client(id);
    await createReconciler(place.deps).one(id);
    expect(place.deps.agents.client(id)).toBe(client);
  });
});

describe('maintenance', () => {
  it('samples while a round of reconciling hangs, and does not begin a second one', async () => {
    const place = world();
    let ends: () => void = () => undefined;
    const hangs = jest.fn(
      () =>
        new Promise<readonly []>((resolve) => {
          ends = () => {
            resolve([]);
          };
        }),
    );
    const stats = jest.fn(() => Promise.resolve(undefined));
    runningSandbox(place);
    const deps = {
      ...place.deps,
      docker: { ...place.deps.docker, list: hangs, stats },
    };
    const tick = createMaintenance(
      deps,
      createReconciler(deps),
      { size: 0, image: 'image' },
      new AbortController().signal,
    );
    const round = tick('reconcile');
    await until(() => hangs.mock.calls.length === 1);
    await tick('sample');
    expect(stats).toHaveBeenCalledTimes(1);
    await tick('reconcile');
    expect(hangs).toHaveBeenCalledTimes(1);
    ends();
    await round;
    const next = tick('reconcile');
    await until(() => hangs.mock.calls.length === 2);
    ends();
    await next;
  });

  it('is done with all else of its tick, whichever of them fails', async () => {
    const place = world();
    runningSandbox(place);
    const stats = jest.fn(() => Promise.resolve(undefined));
    const list = () => Promise.reject(new Error('no Engine'));
    const deps = {
      ...place.deps,
      docker: { ...place.deps.docker, list, stats },
    };
    const tick = createMaintenance(
      deps,
      createReconciler(deps),
      { size: 0, image: 'image' },
      new AbortController().signal,
    );
    await expect(tick('reconcile+sample')).rejects.toThrow('no Engine');
    await until(() => stats.mock.calls.length === 1);
  });
});
