import type { JobId } from '@sandboxed/domain';
import { JOB_PHASES } from '@sandboxed/domain';
import { exit, scriptedAgent } from './scripted-agent.ts';
import type { World } from './support.ts';
import {
  agentThatServes,
  cleanUp,
  newSandbox,
  runningSandbox,
  submit,
  world,
} from './support.ts';

afterEach(cleanUp);

const EXEC = {
  shell: 'true',
  timeout_seconds: null,
  background: false,
} as const;

function timingsOf({ store }: World, job: JobId) {
  const timings = store.jobs.get(job)?.timings;
  if (timings === undefined || timings === null)
    throw new Error(`no timings of ${job}`);
  return timings;
}

it('tells the steps of a create in their order, and no more time than passed', async () => {
  const place = world();
  const id = newSandbox(place);
  await agentThatServes(place, id);
  const begun = performance.now();
  const job = submit(place, id, 'create', {});
  await place.runner().run(job);
  const passedMs = performance.now() - begun;
  const { phases, queue_ms, total_ms } = timingsOf(place, job);
  expect(Object.keys(phases)).toEqual([...JOB_PHASES.create]);
  expect(total_ms).toBeGreaterThan(0);
  // The queue is told by a clock of whole milliseconds.
  expect(total_ms - queue_ms).toBeLessThanOrEqual(passedMs + 1);
});

it.each(['stop', 'delete', 'purge'] as const)(
  'tells the steps of a %s in their order',
  async (kind) => {
    const place = world();
    const id = runningSandbox(place);
    const job =
      kind === 'stop'
        ? submit(place, id, kind, { force: true })
        : submit(place, id, kind, {});
    await place.runner().run(job);
    expect(Object.keys(timingsOf(place, job).phases)).toEqual([
      ...JOB_PHASES[kind],
    ]);
  },
);

it('tells the steps of an exec in their order, and of a worker that took it over those of its own', async () => {
  const place = world();
  const id = runningSandbox(place);
  const job = submit(place, id, 'exec', EXEC);
  let follows = 0;
  const startedAt = Date.now();
  const first = place.runner({ workerId: 'first', now: () => startedAt });
  await scriptedAgent(place, id, () => job, {
    output(_step, response) {
      follows += 1;
      response.flushHeaders();
      if (follows === 1) first.release();
      else response.end(exit(job));
    },
  });
  await first.run(job);
  expect(place.store.jobs.get(job)?.timings).toBeNull();
  const laterMs = 5_000;
  await place
    .runner({ workerId: 'second', now: () => startedAt + laterMs })
    .run(job);
  const { phases, earlier_ms } = timingsOf(place, job);
  expect(Object.keys(phases)).toEqual([...JOB_PHASES.exec]);
  expect(earlier_ms).toBe(laterMs);
});
