import { pino } from 'pino';
import { settleWorkers } from '../src/settle-workers.ts';
import type { World } from './support.ts';
import {
  cleanUp,
  counted,
  findings,
  runningSandbox,
  submit,
  world,
} from './support.ts';

afterEach(cleanUp);

const EXEC = { shell: 'true', timeout_seconds: 1, background: false };

/** Looks at the workers so many milliseconds from now. */
function look(place: World, inMs: number): void {
  settleWorkers({ ...place.deps, now: () => Date.now() + inMs });
}

function beat(place: World, id: string, at = Date.now()): void {
  place.store.workers.heartbeat({
    ...{ id, at, dockerOk: true, dockerVersion: '', engine: null, message: '' },
  });
}

it('removes a worker that was silent for a minute, and counts it once', () => {
  const place = world();
  beat(place, 'dead');
  look(place, 59_000);
  expect(place.store.workers.heardAt().has('dead')).toBe(true);
  look(place, 61_000);
  look(place, 62_000);
  expect(place.store.workers.heardAt().size).toBe(0);
  expect(counted(place)).toEqual({ worker_dead: 1 });
});

it('tells once of a job whose worker died and which nobody took over', () => {
  const place = world();
  const id = runningSandbox(place);
  const job = submit(place, id, 'exec', EXEC);
  beat(place, 'w');
  place.store.jobs.claim(job, 'w', Date.now());
  look(place, 0);
  look(place, 20_000);
  expect(findings(place, id)).toEqual([]);
  look(place, 50_000);
  look(place, 51_000);
  expect(findings(place, id)).toEqual(['lease_expired reported']);
});

it('tells of it again when the next worker is lost with it', () => {
  const place = world();
  const id = runningSandbox(place);
  const job = submit(place, id, 'exec', EXEC);
  place.store.jobs.claim(job, 'one', Date.now());
  look(place, 50_000);
  place.store.jobs.claim(job, 'two', Date.now() + 60_000);
  look(place, 110_000);
  expect(findings(place, id)).toEqual([
    'lease_expired reported',
    'lease_expired reported',
  ]);
});

it('tells of a lease that a silent worker still renews', () => {
  const place = world();
  const id = runningSandbox(place);
  const job = submit(place, id, 'exec', EXEC);
  beat(place, 'w', Date.now() - 16_000);
  place.store.jobs.claim(job, 'w', Date.now());
  look(place, 0);
  expect(findings(place, id)).toEqual(['lease_of_silent_worker reported']);
});

it('calls an api that died no worker', () => {
  const place = world();
  const id = runningSandbox(place);
  const job = submit(place, id, 'exec', EXEC);
  place.store.workers.beat('api-1', Date.now());
  place.store.jobs.claim(job, 'api-1', Date.now());
  const lines: string[] = [];
  const logger = pino({}, { write: (line) => lines.push(line) });
  settleWorkers({ ...place.deps, logger, now: () => Date.now() + 61_000 });
  expect(lines).toHaveLength(2);
  expect(lines.filter((line) => /worker "?api-1/.test(line))).toEqual([]);
  expect(lines[1]).toContain('nothing was heard of api-1 for a minute');
});
