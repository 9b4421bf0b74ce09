import { DomainError } from '@sandboxed/domain';
import { HANDLERS } from '../src/handlers/index.ts';
import { exit, scriptedAgent } from './scripted-agent.ts';
import { cleanUp, runningSandbox, submit, world } from './support.ts';

afterEach(cleanUp);

const EXEC = {
  shell: 'true',
  timeout_seconds: null,
  background: false,
} as const;

it('lets another worker go on at once with what a worker that goes away lets go of', async () => {
  const place = world();
  const { store } = place;
  const id = runningSandbox(place);
  const job = submit(place, id, 'exec', EXEC);
  let followed = (): void => undefined;
  const followedOnce = new Promise<void>((resolve) => {
    followed = resolve;
  });
  let follows = 0;
  const asked = await scriptedAgent(place, id, () => job, {
    output(_step, response) {
      follows += 1;
      response.flushHeaders();
      followed();
      if (follows === 2) response.end(exit(job));
    },
  });
  const first = place.runner({ workerId: 'first' });
  const running = first.run(job);
  await followedOnce;
  expect(store.jobs.toOffer(Date.now(), 10)).toEqual([]);
  first.release();
  await running;
  expect(store.jobs.get(job)?.status).toBe('running');
  expect(store.jobs.toOffer(Date.now(), 10)).toEqual([
    { id: job, class: 'exec' },
  ]);
  await place.runner({ workerId: 'second' }).run(job);
  expect(store.jobs.get(job)?.status).toBe('succeeded');
  expect(asked.filter((call) => call.startsWith('start'))).toHaveLength(1);
});

it('lets go of a lifecycle job that would have to be tried again', async () => {
  const place = world();
  const { store } = place;
  const id = runningSandbox(place);
  const job = submit(place, id, 'stop', { force: true });
  const runner = place.runner({
    handlers: {
      ...HANDLERS,
      stop: {
        run: () => {
          runner.release();
          return Promise.reject(
            new DomainError('docker_unavailable', 'The Engine restarts.'),
          );
        },
      },
    },
  });
  await runner.run(job);
  expect(store.jobs.toOffer(Date.now(), 10)).toEqual([
    { id: job, class: 'lifecycle' },
  ]);
});

it('begins nothing once it goes away', async () => {
  const place = world();
  const job = submit(place, runningSandbox(place), 'exec', EXEC);
  const runner = place.runner();
  runner.release();
  await runner.run(job);
  expect(place.store.jobs.get(job)?.status).toBe('queued');
});
