import { createJobFigures } from '@sandboxed/jobs';
import { startHeartbeat } from '../src/direct/heartbeat.ts';
import { cleanUp, world } from './support.ts';

afterEach(cleanUp);

it('is heard of while it lives, hands over how long its jobs took, and is missed by nobody', async () => {
  const { store, now, logger } = await world();
  const figures = createJobFigures();
  const stop = startHeartbeat({ store, figures, now, logger }, 'api-1');
  expect([...store.workers.heardAt().keys()]).toEqual(['api-1']);
  expect(store.workers.live(now())).toEqual([]);
  figures.observe('exec', 'succeeded', {
    ...{ queue_ms: 1, earlier_ms: 0, phases: { run: 2 }, total_ms: 3 },
  });
  stop();
  expect(store.workers.heardAt().size).toBe(0);
  expect(store.jobFigures.all().map(({ kind }) => kind)).toContain('exec');
});
