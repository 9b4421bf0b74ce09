import { startHeartbeat } from '../src/heartbeat.ts';
import { cleanUp, until, world } from './support.ts';

afterEach(cleanUp);

it('is not heard of again once it went away, whatever the Engine answers late', async () => {
  const place = world();
  const { store, deps } = place;
  let answer: ((version: string) => void) | undefined;
  const docker = {
    ...deps.docker,
    version: () =>
      new Promise<string>((resolve) => {
        answer = resolve;
      }),
  };
  const end = startHeartbeat({ ...deps, docker }, 'here', '');
  await until(() => answer !== undefined);
  end();
  answer?.('29');
  await new Promise(setImmediate);
  expect([...store.workers.heardAt().keys()]).toEqual([]);
});
