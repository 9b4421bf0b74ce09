import { JOB_PHASES } from '@sandboxed/domain';
import { startHeartbeat } from '../src/heartbeat.ts';
import {
  afterwards,
  agentThatServes,
  cleanUp,
  newSandbox,
  submit,
  until,
  world,
} from './support.ts';
import type { World } from './support.ts';

afterEach(cleanUp);

it('is not heard of again once it went away, whatever the Engine answers late', async () => {
  const place = world();
  const { store, deps } = place;
  let answer: ((version: string) => void) | undefined;
  const docker = {
    ...deps.docker,
    version: () =>
      new Promise<string>((resolve) => {
        answer = resolve;
      }),
  };
  const end = startHeartbeat({ ...deps, docker }, 'here', '');
  await until(() => answer !== undefined);
  end();
  answer?.('29');
  await new Promise(setImmediate);
  expect([...store.workers.heardAt().keys()]).toEqual([]);
});

/** How many jobs are in the figures, by how they ended. */
function ended({ store }: World): Readonly<Record<string, number>> {
  return Object.fromEntries(
    store.jobFigures
      .all()
      .filter(({ measure }) => measure === 'duration')
      .map(({ kind, detail, histogram: { counts } }) => [
        `${kind} ${detail}`,
        counts.reduce((sum, count) => sum + count, 0),
      ]),
  );
}

it('adds how long jobs took to the figures of all workers, once, the last of them as it goes away', async () => {
  const place = world();
  const { deps, store } = place;
  const create = async (): Promise<void> => {
    const id = newSandbox(place);
    await agentThatServes(place, id);
    await place.runner().run(submit(place, id, 'create', {}));
  };
  await create();
  expect(ended(place)).toEqual({});
  const end = startHeartbeat(deps, 'here', '');
  afterwards(end);
  await until(() => store.workers.heardAt().size === 1);
  expect(ended(place)).toEqual({ 'create succeeded': 1 });
  await create();
  end();
  expect(ended(place)).toEqual({ 'create succeeded': 2 });
  const phases = store.jobFigures
    .all()
    .filter(({ measure }) => measure === 'phase');
  expect(phases.map(({ detail }) => detail).sort()).toEqual(
    [...JOB_PHASES.create].sort(),
  );
});

it('keeps figures that could not be written for the next time', () => {
  const { deps } = world();
  deps.figures.observe('exec', 'failed', {
    ...{ queue_ms: 1, earlier_ms: 0, total_ms: 1, phases: {} },
  });
  const full = (): never => {
    throw new Error('the disk is full');
  };
  expect(() => {
    deps.figures.handOver(full);
  }).toThrow('full');
  const taken: number[] = [];
  for (let n = 0; n < 2; n += 1)
    deps.figures.handOver((figures) => taken.push(figures.length));
  expect(taken).toEqual([2, 0]);
});
