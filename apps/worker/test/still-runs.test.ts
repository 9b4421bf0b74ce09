import { DomainError, sandboxIdSchema } from '@sandboxed/domain';
import { createStillRuns } from '../src/still-runs.ts';
import { fakeDocker } from './fake-docker.ts';

const ID = sandboxIdSchema.parse('01ARZ3NDEKTSV4RRFFQ69G5FAV');

/** An Engine with one container, that is away for a number of questions. */
function engine(
  awayFor: number,
  running = true,
  code: 'docker_unavailable' | 'timed_out' = 'docker_unavailable',
) {
  const docker = fakeDocker(() => 1);
  docker.put(ID, { running });
  let asked = 0;
  return {
    inspect: (name: string) => {
      asked += 1;
      return asked > awayFor
        ? docker.inspect(name)
        : Promise.reject(new DomainError(code, 'The Engine restarts.'));
    },
  };
}

it('an Engine that restarts is asked until it is back', async () => {
  expect(await createStillRuns(engine(2, false))(ID)).toBe(false);
  expect(await createStillRuns(engine(1, true, 'timed_out'))(ID)).toBe(true);
});

it('an Engine that stays away is said to be', async () => {
  const stillRuns = createStillRuns(engine(Infinity), { engineAwayMs: 0 });
  await expect(stillRuns(ID)).rejects.toMatchObject({
    code: 'docker_unavailable',
  });
});

it('nobody waits for an Engine that is away once its signal aborts', async () => {
  const stop = new AbortController();
  const answer = createStillRuns(engine(Infinity))(ID, stop.signal);
  stop.abort(new Error('shutdown'));
  await expect(answer).rejects.toThrow('shutdown');
});
