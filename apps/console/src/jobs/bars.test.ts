import { barsOf } from './bars.ts';

it('lays the stretches of a job one behind the other', () => {
  expect(
    barsOf({
      accept_ms: 10,
      queue_ms: 40,
      earlier_ms: 0,
      phases: { container_create: 100, agent: 50 },
      total_ms: 200,
    }),
  ).toEqual([
    { name: 'accepted', ms: 10, from: 0, width: 5 },
    { name: 'waited', ms: 40, from: 5, width: 20 },
    { name: 'container create', ms: 100, from: 25, width: 50 },
    { name: 'agent', ms: 50, from: 75, width: 25 },
  ]);
});

it('has nothing to draw of a job that took no time', () => {
  expect(
    barsOf({ queue_ms: 0, earlier_ms: 0, phases: {}, total_ms: 0 }),
  ).toEqual([]);
});
