import type { JobRecord } from '@sandboxed/domain';
import { createStopwatch } from './stopwatch.ts';

const CLAIMED_AT = 10_000;

function row(changes: Partial<JobRecord> = {}) {
  const [created_at, started_at] = [CLAIMED_AT - 7, CLAIMED_AT];
  return { accept_ms: 2, created_at, started_at, ...changes };
}

/** A stopwatch, and what moves its clock. */
function stopwatch() {
  let ms = 500;
  const watch = createStopwatch('claim', CLAIMED_AT, () => ms);
  return {
    ...watch,
    after(passed: number, name: string) {
      ms += passed;
      watch.phase(name);
    },
    pass: (passed: number) => (ms += passed),
  };
}

it('tells how long each step took, the one under way too', () => {
  const watch = stopwatch();
  watch.after(1, 'gate');
  watch.after(20, 'container');
  watch.after(300, 'finish');
  watch.pass(4);
  expect(watch.read(row())).toEqual({
    ...{ accept_ms: 2, queue_ms: 7, earlier_ms: 0, total_ms: 334 },
    phases: { claim: 1, gate: 20, container: 300, finish: 4 },
  });
});

it('adds up a step that comes again', () => {
  const watch = stopwatch();
  watch.after(0, 'container');
  watch.after(10, 'start');
  watch.after(20, 'container');
  watch.after(30, 'start');
  expect(watch.read(row()).phases).toEqual({
    claim: 0,
    container: 40,
    start: 20,
  });
});

it('tells of the last try, and counts those before it as earlier', () => {
  const watch = stopwatch();
  watch.after(1, 'gate');
  watch.pass(20);
  watch.again();
  watch.after(3, 'container');
  watch.pass(40);
  expect(watch.read(row())).toMatchObject({
    ...{ earlier_ms: 21, total_ms: 73 },
    phases: { claim: 3, container: 40 },
  });
});

it('counts what an earlier worker had of the job as earlier', () => {
  const watch = stopwatch();
  watch.pass(5);
  const taken = row({ started_at: CLAIMED_AT - 9_000, created_at: 900 });
  expect(watch.read(taken)).toMatchObject({
    ...{ queue_ms: 100, earlier_ms: 9_000 },
    phases: { claim: 5 },
  });
});

it('is never negative, though the clock was set back in between', () => {
  const ahead = row({ started_at: CLAIMED_AT + 9_000, created_at: 50_000 });
  expect(stopwatch().read(ahead)).toMatchObject({
    ...{ queue_ms: 0, earlier_ms: 0 },
  });
});
