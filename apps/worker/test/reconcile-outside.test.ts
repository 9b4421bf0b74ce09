import type { SandboxId } from '@sandboxed/domain';
import { containerName, sandboxIdSchema } from '@sandboxed/domain';
import { ulid } from 'ulid';
import { createReconciler } from '../src/reconcile.ts';
import type { World } from './support.ts';
import {
  cleanUp,
  counted,
  findings,
  newSandbox,
  runningSandbox,
  standIn,
  submit,
  until,
  world,
} from './support.ts';

afterEach(cleanUp);

/** A resident agent that was told its services; `boot` is called when it is told again. */
async function agent(
  place: World,
  id: SandboxId,
  booted = true,
  boot: () => void = () => undefined,
): Promise<void> {
  let isBooted = booted;
  await standIn(place, id, (request, response) => {
    if (request.url === '/v1/boot') {
      isBooted = true;
      boot();
    }
    const answers: Record<string, unknown> = {
      '/v1/health': {
        protocol: 1,
        version: '1',
        pid: 1,
        started_at_ms: 1,
        booted: isBooted,
      },
      '/v1/app': { present: [], texts: {} },
    };
    const [path = ''] = (request.url ?? '').split('?');
    response.end(JSON.stringify(answers[path] ?? {}));
  });
}

async function running(place: World): Promise<SandboxId> {
  const id = runningSandbox(place);
  await agent(place, id);
  return id;
}

const state = (place: World, id: SandboxId) =>
  place.store.sandboxes.get(id)?.state;
const nameless = (): SandboxId => sandboxIdSchema.parse(ulid());

it('leaves alone what is as it should be', async () => {
  const place = world();
  const id = await running(place);
  await createReconciler(place.deps).all();
  await createReconciler(place.deps).one(id);
  expect(place.deps.docker.calls).toEqual([]);
  expect(findings(place, id)).toEqual([]);
});

it.each([
  ['exited', { exitCode: 137 }, 'container_exited', 'with code 137'],
  ['ran out of memory', { oomKilled: true }, 'container_oom_killed', 'memory'],
])('counts and tells that it %s', async (_, how, kind, reason) => {
  const place = world();
  const id = runningSandbox(place);
  Object.assign(place.deps.docker.named(containerName(id)), {
    running: false,
    ...how,
  });
  await createReconciler(place.deps).all();
  expect(place.store.sandboxes.get(id)).toMatchObject({
    state: 'stopped',
    state_actor: 'reconciler',
    state_reason: expect.stringContaining(reason),
  });
  expect(counted(place)).toEqual({ [kind]: 1 });
});

it('gives a renamed container its name back and keeps it running', async () => {
  const place = world();
  const id = await running(place);
  place.deps.docker.named(containerName(id)).name = 'other';
  await createReconciler(place.deps).one(id);
  expect(place.deps.docker.running.has(containerName(id))).toBe(true);
  expect(state(place, id)).toBe('running');
  expect(findings(place, id)).toEqual(['container_renamed renamed']);
});

it('lets a paused container go on, each time it is paused', async () => {
  // Two looks in one millisecond are one.
  let at = Date.now();
  const place = world({ now: () => (at += 1) });
  const id = await running(place);
  const reconciler = createReconciler(place.deps);
  for (let time = 0; time < 2; time += 1) {
    place.deps.docker.named(containerName(id)).paused = true;
    await reconciler.one(id);
    expect(place.deps.docker.named(containerName(id)).paused).toBe(false);
  }
  expect(findings(place, id)).toEqual([
    'container_paused unpaused',
    'container_paused unpaused',
  ]);
  expect(counted(place)).toEqual({ container_paused: 2 });
});

it('hands a container that was restarted its services again', async () => {
  const place = world();
  const id = runningSandbox(place);
  const boot = jest.fn();
  await agent(place, id, false, boot);
  await createReconciler(place.deps).all();
  expect(boot).toHaveBeenCalledTimes(1);
  expect(findings(place, id)).toEqual(['container_restarted booted']);
});

it('adopts a container that was started by hand', async () => {
  const place = world();
  const id = await running(place);
  const details = { actor: 'test', reason: 'test', now: Date.now() };
  place.store.sandboxes.transition(id, 'exited', details);
  await createReconciler(place.deps).all();
  expect(state(place, id)).toBe('running');
  expect(counted(place)).toEqual({ container_started: 1 });
});

it.each([
  ['of another generation', { generation: 1 }],
  ['that sandboxed did not make', { specHash: undefined }],
])('removes a container %s, and its sandbox is stopped', async (_, how) => {
  const place = world();
  const id = await running(place);
  Object.assign(place.deps.docker.named(containerName(id)), how);
  const { docker } = place.deps;
  const removeExact = jest.fn((dockerId: string) => {
    // Nothing may be sent to it any more.
    expect(state(place, id)).toBe('stopped');
    return docker.removeExact(dockerId);
  });
  const deps = { ...place.deps, docker: { ...docker, removeExact } };
  await createReconciler(deps).all();
  expect(removeExact).toHaveBeenCalledTimes(1);
  expect(docker.containers.size).toBe(0);
  expect(findings(place, id)).toEqual(['container_replaced removed']);
});

it('leaves a container of others alone that took the name', async () => {
  const place = world();
  const id = runningSandbox(place);
  place.deps.docker.running.delete(containerName(id));
  place.deps.docker.foreign.add(containerName(id));
  await createReconciler(place.deps).all();
  expect(place.store.sandboxes.get(id)).toMatchObject({
    state: 'stopped',
    state_reason: expect.stringContaining('not its own'),
  });
  expect(place.deps.docker.calls).toEqual([]);
});

it('removes a second container of a sandbox and an orphan, and tells of each', async () => {
  const place = world();
  const id = await running(place);
  const orphan = nameless();
  place.deps.docker.put(id, { name: 'copy', running: false });
  place.deps.docker.put(orphan);
  await createReconciler(place.deps).all();
  const left = [...place.deps.docker.containers.values()];
  expect(left.map(({ name }) => name)).toEqual([containerName(id)]);
  expect(findings(place, id)).toEqual(['container_surplus removed']);
  expect(findings(place, orphan)).toEqual(['container_orphan removed']);
});

it('tells once of what it cannot mend, and again when it is another', async () => {
  const place = world();
  const id = await running(place);
  const { docker } = place.deps;
  docker.named(containerName(id)).name = 'other';
  docker.foreign.add(containerName(id));
  const reconciler = createReconciler(place.deps);
  for (let round = 0; round < 3; round += 1) await reconciler.all();
  expect(findings(place, id)).toEqual(['container_renamed renamed']);
  docker.containers.clear();
  docker.put(id, { name: 'another' });
  await reconciler.all();
  expect(findings(place, id)).toHaveLength(2);
});

it.each(['creating', 'deleting'] as const)(
  'does not leave a row in %s that nobody works on, though its container runs',
  async (stuck) => {
    const place = world();
    const id = newSandbox(place);
    await agent(place, id);
    if (stuck === 'deleting')
      place.store.sandboxes.transition(id, 'delete', {
        actor: 'test',
        reason: 'test',
        now: Date.now(),
      });
    place.deps.docker.put(id);
    await createReconciler(place.deps).all();
    expect(state(place, id)).toBe(stuck === 'creating' ? 'running' : 'error');
    expect(counted(place)).toEqual({ state_stuck: 1 });
  },
);

describe('beside others at work', () => {
  it('tells and counts once when workers reconcile at once', async () => {
    const place = world();
    const [gone, paused, orphan] = [
      runningSandbox(place),
      await running(place),
      nameless(),
    ];
    place.deps.docker.running.delete(containerName(gone));
    place.deps.docker.named(containerName(paused)).paused = true;
    place.deps.docker.put(orphan);
    const [one, two] = [
      createReconciler(place.deps),
      createReconciler(place.deps),
    ];
    await Promise.all([
      one.all(),
      two.all(),
      ...[gone, paused, orphan].map((id) => one.one(id)),
      two.one(paused),
    ]);
    expect(counted(place)).toEqual({
      container_gone: 1,
      container_paused: 1,
      container_orphan: 1,
    });
    expect(findings(place, paused)).toHaveLength(1);
    expect(findings(place, orphan)).toHaveLength(1);
  });

  it('does nothing once a lifecycle job is there, though it came after the look', async () => {
    const place = world();
    const id = runningSandbox(place);
    Object.assign(place.deps.docker.named(containerName(id)), {
      paused: true,
      name: 'other',
    });
    const { docker } = place.deps;
    const find = async (which: SandboxId) => {
      const found = await docker.find(which);
      submit(place, id, 'stop', { force: true });
      return found;
    };
    const deps = { ...place.deps, docker: { ...docker, find } };
    await createReconciler(deps).all();
    expect(docker.calls).toEqual([]);
    expect(counted(place)).toEqual({});
    expect(state(place, id)).toBe('running');
  });

  it.each([
    ['that runs', true],
    ['that is stopped', false],
  ])(
    'never removes the container of a create that comes between look and removal of an orphan %s',
    async (_, up) => {
      const place = world();
      const { docker } = place.deps;
      const id = nameless();
      docker.put(id, { running: up });
      let created: string | undefined;
      const removeExact = async (dockerId: string) => {
        if (created === undefined) {
          newSandbox(place, { id });
          await agent(place, id);
          const job = submit(place, id, 'create', {});
          await place.runner().run(job);
          created = place.store.jobs.get(job)?.status;
        }
        await docker.removeExact(dockerId);
      };
      const deps = { ...place.deps, docker: { ...docker, removeExact } };
      await createReconciler(deps).all();
      expect(created).toBe('succeeded');
      expect(docker.running.has(containerName(id))).toBe(true);
      expect(state(place, id)).toBe('running');
    },
  );

  it('gives up on a sandbox that takes too long, and looks at it no second time meanwhile', async () => {
    const place = world();
    const id = runningSandbox(place);
    place.deps.docker.running.delete(containerName(id));
    let release: () => void = () => undefined;
    const hanging = new Promise<void>((resolve) => {
      release = resolve;
    });
    const find = jest.fn(async (which: SandboxId) => {
      await hanging;
      return place.deps.docker.find(which);
    });
    const deps = { ...place.deps, docker: { ...place.deps.docker, find } };
    const reconciler = createReconciler(deps);
    const began = performance.now();
    await reconciler.all();
    expect(performance.now() - began).toBeLessThan(7_000);
    await reconciler.all();
    expect(find).toHaveBeenCalledTimes(1);
    release();
    await until(() => state(place, id) === 'stopped');
  });
});
