import { z } from 'zod';
import { ok, sandboxes } from '../src/stack.ts';

const fleet = sandboxes();
afterEach(() => fleet.clean(), 120_000);

const jobSchema = z.object({
  timings: z.object({
    accept_ms: z.number(),
    queue_ms: z.number(),
    earlier_ms: z.number(),
    phases: z.record(z.string(), z.number()),
    total_ms: z.number(),
  }),
});
/** What a caller waits for beside it: its connection, the commit of the end, the news of it, the answer. */
const BESIDE_MS = 250;
/** The queue is told by a clock of whole milliseconds. */
const CLOCK_MS = 2;

it('tells where the time of a create and of a command went, nearly all of it', async () => {
  const before = performance.now();
  const { id } = await fleet.create({});
  const createMs = performance.now() - before;
  const path = `/v1/jobs?sandbox_id=${id}&kind=create`;
  const [create] = z
    .object({ items: z.array(jobSchema) })
    .parse(await ok('GET', path)).items;
  const begun = performance.now();
  const { job_id } = z.object({ job_id: z.string() }).parse(
    await ok('POST', `/sandbox/${id}/exec?wait=60`, {
      shell: 'sleep 1',
    }),
  );
  const execMs = performance.now() - begun;
  const exec = jobSchema.parse(await ok('GET', `/v1/jobs/${job_id}`));

  for (const [job, passedMs] of [
    [create, createMs],
    [exec, execMs],
  ] as const) {
    const { phases, total_ms } = jobSchema.parse(job).timings;
    expect(Object.keys(phases)[0]).toBe('claim');
    expect(Object.keys(phases).at(-1)).toBe('finish');
    expect(total_ms).toBeLessThan(passedMs + CLOCK_MS);
    expect(total_ms).toBeGreaterThan(passedMs - BESIDE_MS);
  }
  expect(create?.timings.phases['agent']).toBeGreaterThan(0);
  expect(exec.timings.phases['run']).toBeGreaterThan(900);
});
