import { temporary } from './open.ts';

const place = temporary();
afterAll(() => {
  place.clean();
});

it('hears of a process that holds jobs and takes none from the queue, and does not count it as a worker', () => {
  const { workers } = place.open();
  workers.beat('api-1', 1_000);
  expect([...workers.heardAt()]).toEqual([['api-1', 1_000]]);
  expect(workers.live(1_000)).toEqual([]);
  workers.remove('api-1');
  expect(workers.heardAt().size).toBe(0);
});
