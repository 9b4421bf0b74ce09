import { jobIdSchema, jobTimings } from '@sandboxed/domain';
import { z } from 'zod';
import { cleanUp, listen, running, world } from './support.ts';

afterEach(cleanUp);

const EXEC = { shell: 'true' };

it('tells where the time of a job went, once it is finished', async () => {
  const deps = await world();
  const { jobs } = deps.store;
  const api = await listen(deps);
  const id = await running(deps, api);
  const begun = performance.now();
  const { body } = await api(`POST /sandbox/${id}/exec`, EXEC);
  const passedMs = performance.now() - begun;
  const job = jobIdSchema.parse(body['job_id']);
  const acceptMs = z.number().parse(jobs.get(job)?.accept_ms);
  expect(acceptMs).toBeGreaterThan(0);
  expect(acceptMs).toBeLessThan(passedMs);
  expect((await api(`GET /v1/jobs/${job}`)).body).not.toHaveProperty('timings');

  const claim = jobs.claim(job, 'worker', Date.now());
  if (claim === undefined) throw new Error('not claimed');
  const timings = jobTimings({
    ...{ acceptMs, queueMs: 3, earlierMs: 0 },
    phases: new Map([['run', 4]]),
  });
  const outcome = { status: 'succeeded', result: {} } as const;
  jobs.finish(claim, outcome, Date.now(), timings);
  expect((await api(`GET /v1/jobs/${job}`)).body['timings']).toEqual(timings);
});
