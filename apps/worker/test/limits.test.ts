import { containerName } from '@sandboxed/domain';
import { cleanUp, runningSandbox, submit, world } from './support.ts';

afterEach(cleanUp);

it('reach a container that sleeps, too, which may have had others than it was made with', async () => {
  const place = world();
  const id = runningSandbox(place);
  const now = Date.now();
  for (const event of ['stop', 'exited'] as const)
    place.store.sandboxes.transition(id, event, {
      ...{ actor: 'test', reason: 'test', now },
    });
  const job = submit(place, id, 'limits', {});
  await place.runner().run(job);
  expect(place.store.jobs.get(job)).toMatchObject({
    status: 'succeeded',
    result: { applied: 'at next start' },
  });
  expect(place.deps.docker.calls).toContain(`update ${containerName(id)}`);
});
