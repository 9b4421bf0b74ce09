import type { JobId } from '@sandboxed/domain';
import { cleanUp, runningSandbox, submit, world } from './support.ts';

afterEach(cleanUp);

it('ends a job whose payload it cannot read, instead of holding it for ever', async () => {
  const place = world();
  const { store } = place;
  const id = runningSandbox(place);
  const job = submit(place, id, 'stop', { force: true });
  const jobs = {
    ...store.jobs,
    get(asked: JobId) {
      const row = store.jobs.get(asked);
      return row === undefined ? row : { ...row, payload: { later: true } };
    },
  };
  await place.runner({ store: { ...store, jobs } }).run(job);
  expect(store.jobs.get(job)).toMatchObject({
    status: 'failed',
    error: { code: 'internal' },
  });
  expect(store.jobs.mailbox(id)).toEqual([]);
});
