import { z } from 'zod';
import { ok, sandboxes, sandboxSchema } from '../src/stack.ts';

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

it('tells where the time of a create and of a command went, nearly all of it', async () => {
  const { id } = await fleet.create({});
  const [created] = z
    .object({ items: z.array(jobSchema) })
    .parse(await ok('GET', `/v1/jobs?sandbox_id=${id}&kind=create`)).items;
  expect(Object.keys(created?.timings.phases ?? {})).toEqual([
    ...['claim', 'memory', 'gate', 'directories', 'network', 'address'],
    ...['container', 'firewall', 'start', 'agent', 'app', 'ready', 'finish'],
  ]);
  expect(sandboxSchema.parse(await ok('GET', `/sandbox/${id}`)).status).toBe(
    'running',
  );

  const begun = performance.now();
  const { job_id } = z
    .object({ job_id: z.string() })
    .parse(
      await ok('POST', `/sandbox/${id}/exec?wait=60`, { shell: 'sleep 1' }),
    );
  const passedMs = performance.now() - begun;
  const { timings } = jobSchema.parse(await ok('GET', `/v1/jobs/${job_id}`));
  expect(timings.phases['run']).toBeGreaterThan(900);
  // The queue is told by a clock of whole milliseconds.
  expect(timings.total_ms).toBeLessThan(passedMs + 2);
  expect(timings.total_ms).toBeGreaterThan(passedMs - BESIDE_MS);
});
