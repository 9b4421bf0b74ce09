import { containerName } from '@sandboxed/domain';
import {
  cleanUp,
  newSandbox,
  runningSandbox,
  standIn,
  submit,
  world,
} from './support.ts';

afterEach(cleanUp);

const EXEC = { shell: 'true', timeout_seconds: 1, background: false };

it('stops on request although work was queued behind the stop', async () => {
  const place = world();
  const id = runningSandbox(place);
  const stop = submit(place, id, 'stop', { force: false });
  submit(place, id, 'exec', EXEC);
  await place.runner().run(stop);
  expect(place.store.jobs.get(stop)?.result).toEqual({ status: 'stopped' });
  expect(place.store.sandboxes.get(id)?.state).toBe('stopped');
  expect(place.deps.docker.running.size).toBe(0);
});

it.each([
  ['goes down at its word', true],
  ['does not', false],
])(
  'has the agent end once the gates are shut; its container %s, and the Engine stops it if need be',
  async (_what, goesDown) => {
    const said: string[] = [];
    const place = world({
      edge: {
        ...world().deps.edge,
        read: () => Promise.resolve(void said.push('gates read')),
      },
    });
    const { docker } = place.deps;
    const id = runningSandbox(place);
    const name = containerName(id);
    await standIn(place, id, (request, response) => {
      if (request.url === '/v1/end') said.push('end');
      if (goesDown) docker.named(name).running = false;
      response.end('{}');
    });
    await place.runner().run(submit(place, id, 'stop', { force: false }));
    expect(said).toEqual(['gates read', 'end']);
    expect(docker.calls.includes(`stop ${name}`)).toBe(!goesDown);
    expect(docker.running.size).toBe(0);
  },
);

it.each([
  ['is older than that', 404],
  ['hangs', undefined],
])('stops a sandbox whose agent %s', async (_why, status) => {
  const place = world();
  const id = runningSandbox(place);
  await standIn(place, id, (_request, response) => {
    if (status === undefined) return;
    response.statusCode = status;
    response.end('{"code":"not_found","message":"no such path"}');
  });
  const stop = submit(place, id, 'stop', { force: false });
  await place.runner().run(stop);
  expect(place.store.jobs.get(stop)?.status).toBe('succeeded');
  expect(place.deps.docker.running.size).toBe(0);
});

it('stops the container of a sandbox that is in error, and leaves the reason to be read', async () => {
  const place = world();
  const id = newSandbox(place);
  place.store.sandboxes.transition(id, 'fail', {
    actor: 'test',
    reason: 'did not come up',
    now: Date.now(),
  });
  place.deps.docker.running.add(containerName(id));
  const stop = submit(place, id, 'stop', { force: false });
  await place.runner().run(stop);
  expect(place.store.jobs.get(stop)?.status).toBe('succeeded');
  expect(place.store.sandboxes.get(id)).toMatchObject({
    state: 'error',
    state_reason: 'did not come up',
  });
  expect(place.deps.docker.running.size).toBe(0);
});

it('says that the sandbox stopped with the end of the job, and not before', async () => {
  const place = world();
  const id = runningSandbox(place);
  const stop = submit(place, id, 'stop', { force: false });
  const seen = () => [
    place.store.sandboxes.get(id)?.state,
    place.store.jobs.get(stop)?.status,
  ];
  const atHandled: unknown[] = [];
  const reach = (point: string): void => {
    if (point === 'job.handled') atHandled.push(...seen());
  };
  await place.runner({ reach }).run(stop);
  expect(atHandled).toEqual(['stopping', 'running']);
  expect(seen()).toEqual(['stopped', 'succeeded']);
});

it.each([
  ['that was asked for before it is decided', { force: false }, 'running'],
  [
    'that was proposed once it is decided',
    { force: false, if_full: { whose: 'sandbox', use: 'all', interrupted: 1 } },
    'stopping',
  ],
] as const)('shuts the gates of a stop %s', async (_which, payload, state) => {
  const seen: unknown[] = [];
  const place = world();
  const id = runningSandbox(place);
  const edge = {
    ...place.deps.edge,
    shut: () =>
      Promise.resolve(void seen.push(place.store.sandboxes.get(id)?.state)),
  };
  await place.runner({ edge }).run(submit(place, id, 'stop', payload));
  expect(seen).toEqual([state]);
});
