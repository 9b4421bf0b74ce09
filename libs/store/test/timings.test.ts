import { jobTimings } from '@sandboxed/domain';
import { EXEC, insert, jobId, submit, temporary } from './open.ts';

let place = temporary();
beforeEach(() => {
  place = temporary();
});
afterEach(() => {
  place.clean();
});

it('keeps where the time of a job went with its end', () => {
  const store = place.open();
  const id = insert(store);
  const job = jobId();
  store.jobs.submit({
    ...{ id: job, sandboxId: id, kind: 'exec', payload: EXEC },
    ...{ requestedBy: 'test', acceptMs: 1.26, now: 1_000 },
  });
  expect(store.jobs.get(job)).toMatchObject({ accept_ms: 1.26, timings: null });
  const claim = store.jobs.claim(job, 'worker', 1_005);
  if (claim === undefined) throw new Error('not claimed');
  const timings = jobTimings({
    ...{ acceptMs: 1.26, queueMs: 5, earlierMs: 0 },
    phases: new Map([
      ['spawn', 2.04],
      ['claim', 0.1],
    ]),
  });
  const outcome = { status: 'succeeded', result: {} } as const;
  store.jobs.finish(claim, outcome, 1_010, timings);
  const kept = place.open().jobs.get(job)?.timings;
  expect(kept).toEqual({
    ...{ accept_ms: 1.3, queue_ms: 5, earlier_ms: 0, total_ms: 8.4 },
    phases: { spawn: 2, claim: 0.1 },
  });
  expect(Object.keys(kept?.phases ?? {})).toEqual(['spawn', 'claim']);
});

it('has none of a job that never began', () => {
  const store = place.open();
  const job = submit(store, insert(store), 'exec', EXEC);
  store.jobs.requestCancel(job, { actor: 'test', now: 2_000 });
  expect(store.jobs.get(job)).toMatchObject({
    status: 'cancelled',
    accept_ms: null,
    timings: null,
  });
});
