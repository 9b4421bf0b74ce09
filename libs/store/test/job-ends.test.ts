import { EXEC, insert, submit, temporary } from './open.ts';
import { sql } from './sql.ts';

const place = temporary();
afterAll(() => {
  place.clean();
});

it('counts jobs as they are submitted, end and are trimmed', () => {
  const store = place.open();
  const id = insert(store);
  const [first, second, third] = [1, 2, 3].map(() =>
    submit(store, id, 'exec', EXEC),
  );
  if (first === undefined || second === undefined || third === undefined)
    throw new Error('there are three');
  store.jobs.requestCancel(first, { actor: 'test', now: 2_000 });
  const claim = store.jobs.claim(second, 'worker', 2_000);
  if (claim === undefined) throw new Error('it was free');
  const counts = {
    queued: 1,
    running: 1,
    succeeded: 0,
    failed: 0,
    cancelled: 1,
  };
  expect(store.jobs.countByStatus()).toEqual(counts);
  store.jobs.finish(claim, { status: 'succeeded', result: {} }, 3_000);
  expect(store.jobs.countByStatus()).toEqual({
    ...counts,
    ...{ running: 0, succeeded: 1 },
  });
  store.trim({ now: 2_500, keepMs: 0, maxBytes: 1e12, batch: 10 });
  expect(store.jobs.countByStatus()).toEqual({
    ...counts,
    ...{ running: 0, succeeded: 1, cancelled: 0 },
  });
});

it("lists a tenant's own jobs", () => {
  const store = place.open();
  const id = insert(store);
  const job = submit(store, id, 'exec', EXEC);
  const list = (tenant: string) =>
    store.jobs.list({ tenant, sandboxId: id, limit: 5 }).items;
  expect(list('open').map((each) => each.id)).toEqual([job]);
  expect(list('another')).toEqual([]);
  expect(sql(place.path, 'SELECT tenant FROM jobs WHERE id = ?', job)).toEqual({
    tenant: 'open',
  });
});
