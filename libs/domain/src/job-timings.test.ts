import fc from 'fast-check';
import { JOB_PHASES } from './job-phases.ts';
import { jobTimings, jobTimingsSchema } from './job-timings.ts';

const ms = fc.double({ min: -1e6, max: 1e8, noNaN: true });
const measured = fc.record({
  acceptMs: fc.option(ms),
  queueMs: ms,
  earlierMs: ms,
  phases: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...JOB_PHASES.create), ms), {
      selector: ([name]) => name,
    })
    .map((laps) => new Map<string, number>(laps)),
});

it('is the sum of its parts, to a tenth, whatever the clocks did', () => {
  fc.assert(
    fc.property(measured, (job) => {
      const { total_ms, phases, ...rest } = jobTimings(job);
      const parts = [
        ...Object.values(phases),
        rest.accept_ms ?? 0,
        rest.queue_ms,
        rest.earlier_ms,
      ];
      for (const part of parts) {
        expect(part).toBeGreaterThanOrEqual(0);
        expect(Math.round(part * 10) / 10).toBe(part);
      }
      const tenths = parts.reduce(
        (sum, part) => sum + Math.round(part * 10),
        0,
      );
      expect(Math.round(total_ms * 10)).toBe(tenths);
    }),
  );
});

it('keeps its phases in their order, also as it is stored', () => {
  fc.assert(
    fc.property(measured, (job) => {
      const timings = jobTimings(job);
      expect(Object.keys(timings.phases)).toEqual([...job.phases.keys()]);
      const stored: unknown = JSON.parse(JSON.stringify(timings));
      expect(jobTimingsSchema.parse(stored)).toEqual(timings);
      expect(Object.keys(jobTimingsSchema.parse(stored).phases)).toEqual(
        Object.keys(timings.phases),
      );
    }),
  );
});

it.each(Object.entries(JOB_PHASES))(
  'a %s has phases with names that a metric may have, each once',
  (_, phases) => {
    expect(new Set<string>(phases).size).toBe(phases.length);
    for (const name of phases) expect(name).toMatch(/^[a-z]+$/);
    expect([phases[0], phases.at(-1)]).toEqual(['claim', 'finish']);
  },
);
