import { until } from '../../../libs/queue/test/support.ts';
import { dial } from './dial.ts';
import { cleanUp, listen, running, world } from './support.ts';

afterEach(cleanUp);

/** Where terminals of a sandbox are opened that sleeps, so that they wait for its start. */
async function asleep(): Promise<string> {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  deps.store.sandboxes.transition(id, 'exited', {
    ...{ actor: 'test', reason: 'test', now: deps.now() },
  });
  return `${api.url}/v1/sandboxes/${id}/terminal`;
}

it('keeps no more of what is typed before it is ready than it says', async () => {
  const path = await asleep();
  const shown = await dial(path);
  await shown.message('waiting');
  for (let n = 0; n < 17; n += 1) shown.type('x'.repeat(4_096));
  expect(await shown.closed).toBe(4400);
  const large = await dial(path);
  await large.message('waiting');
  large.type('x'.repeat(65_537));
  expect(await large.closed).toBe(1009);
});

it('is open so often for one sandbox and one tenant, whatever its agent says', async () => {
  const path = await asleep();
  const open = await Promise.all(Array.from({ length: 32 }, () => dial(path)));
  await expect(dial(path)).rejects.toThrow(/^409 .*busy/);
  open[0]?.socket.terminate();
  await until(async () =>
    dial(path).then(
      () => true,
      () => false,
    ),
  );
});
