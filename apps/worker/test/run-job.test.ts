import { join } from 'node:path';
import { LEASE_RENEW_MS } from '@sandboxed/domain';
import { openStore } from '@sandboxed/store';
import { HANDLERS } from '../src/handlers/index.ts';
import {
  afterwards,
  cleanUp,
  runningSandbox,
  submit,
  until,
  world,
} from './support.ts';

afterEach(async () => {
  jest.useRealTimers();
  await cleanUp();
});

const EXEC = {
  shell: 'true',
  timeout_seconds: null,
  background: false,
} as const;

it('ends a job whose payload it cannot read, instead of holding it for ever', async () => {
  const place = world();
  const { store } = place;
  const id = runningSandbox(place);
  const job = submit(place, id, 'stop', { force: true });
  const jobs = {
    ...store.jobs,
    claim(...asked: Parameters<typeof store.jobs.claim>) {
      const claim = store.jobs.claim(...asked);
      return claim === undefined
        ? claim
        : { ...claim, job: { ...claim.job, payload: { later: true } } };
    },
  };
  await place.runner({ store: { ...store, jobs } }).run(job);
  expect(store.jobs.get(job)).toMatchObject({
    status: 'failed',
    error: { code: 'internal' },
  });
  expect(store.jobs.mailbox(id)).toEqual([]);
});

it('renews all that it holds in one write, which holds nothing up while another process writes', async () => {
  jest.useFakeTimers({
    doNotFake: ['performance', 'nextTick', 'setImmediate', 'setTimeout'],
  });
  const place = world();
  const { store } = place;
  const jobs = [1, 2, 3].map(() =>
    submit(place, runningSandbox(place), 'exec', EXEC),
  );
  let writes = 0;
  const counted: typeof store = {
    ...store,
    grouped(work) {
      writes += 1;
      return store.grouped(work);
    },
  };
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const runner = place.runner({
    store: counted,
    handlers: { ...HANDLERS, exec: { run: () => ended } },
  });
  const runs = Promise.all(jobs.map((job) => runner.run(job)));
  const leases = (): (number | null | undefined)[] =>
    jobs.map((job) => store.jobs.get(job)?.lease_until);
  await until(() => !leases().includes(null));
  const [before, claims] = [leases(), writes];

  const other = openStore({
    path: join(place.dataDir, 'test.sqlite'),
    keyFile: join(place.dataDir, 'secret.key'),
    onCommit: () => undefined,
    onError: () => undefined,
  });
  afterwards(() => {
    other.close();
  });
  other.transaction(() => {
    const from = performance.now();
    jest.advanceTimersByTime(LEASE_RENEW_MS);
    expect(performance.now() - from).toBeLessThan(1_000);
  });
  await until(() =>
    leases().every((at, index) => (at ?? 0) > (before[index] ?? 0)),
  );
  expect(writes - claims).toBe(1);
  end();
  await runs;
  expect(jobs.map((job) => store.jobs.get(job)?.status)).toEqual(
    jobs.map(() => 'succeeded'),
  );
});

it('stops work whose claim it has lost, at the next renewal', async () => {
  jest.useFakeTimers({
    doNotFake: ['performance', 'nextTick', 'setImmediate', 'setTimeout'],
  });
  const place = world();
  const { store } = place;
  const job = submit(place, runningSandbox(place), 'exec', EXEC);
  const reasons: unknown[] = [];
  const runner = place.runner({
    handlers: {
      ...HANDLERS,
      exec: {
        run: ({ signal, claim }) => {
          store.jobs.release(claim, Date.now());
          store.jobs.claim(job, 'another', Date.now());
          return new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              reasons.push(signal.reason);
              reject(new Error('aborted'));
            });
          });
        },
      },
    },
  });
  const run = runner.run(job);
  await until(() => store.jobs.get(job)?.worker_id === 'another');
  jest.advanceTimersByTime(LEASE_RENEW_MS);
  await run;
  expect(reasons).toEqual(['lost']);
  expect(store.jobs.get(job)?.status).toBe('running');
});
