import type { Store } from '@sandboxed/store';
import { cleanUp } from '../../../libs/queue/test/support.ts';
import { MAX_PROPOSALS, proposeIdleStops } from '../src/propose-idle-stops.ts';
import {
  dataDirectory,
  newJobId,
  queueExec,
  runningSandbox,
  storeIn,
} from './support.ts';

const START = 1_800_000_000_000;
const MINUTE = 60_000;

afterEach(cleanUp);

const propose = (store: Store, at: number): readonly string[] =>
  proposeIdleStops({ store, newJobId, now: () => at });

test('what was idle for its timeout is proposed once, with the evidence', async () => {
  const store = storeIn(await dataDirectory());
  const id = runningSandbox(store, START);
  expect(propose(store, START + MINUTE - 1)).toEqual([]);
  expect(propose(store, START + MINUTE)).toEqual([id]);
  expect(propose(store, START + 2 * MINUTE)).toEqual([]);

  const [job] = store.jobs.list({ sandboxId: id, limit: 10 }).items;
  const sandbox = store.sandboxes.get(id);
  expect(sandbox?.state).toBe('running');
  expect(job).toMatchObject({
    kind: 'stop',
    status: 'queued',
    requested_by: 'reaper:idle',
    payload: {
      force: false,
      if_idle: { version: sandbox?.version, last_active_at: START },
    },
  });
});

test('always on, kept alive, active or at work is left alone', async () => {
  const store = storeIn(await dataDirectory());
  runningSandbox(store, START, { idle_policy: 'always_on' });
  runningSandbox(store, START, { idle_timeout_seconds: 600 });
  const kept = runningSandbox(store, START);
  store.sandboxes.keepAlive(kept, START + 10 * MINUTE);
  store.sandboxes.touch(runningSandbox(store, START), START + MINUTE);
  queueExec(store, runningSandbox(store, START), START);
  expect(propose(store, START + MINUTE)).toEqual([]);
  expect(propose(store, START + 10 * MINUTE)).toContain(kept);
});

test('what is not idle any more when it is looked at again is left alone', async () => {
  const store = storeIn(await dataDirectory());
  runningSandbox(store, START);
  let looks = 0;
  const proposed = proposeIdleStops({
    store,
    newJobId,
    now: () => {
      looks += 1;
      // The second look is the one inside the transaction.
      if (looks === 2) return START + MINUTE - 1;
      return START + MINUTE;
    },
  });
  expect(looks).toBe(2);
  expect(proposed).toEqual([]);
});

test('two reapers propose one stop between them', async () => {
  const directory = await dataDirectory();
  const one = storeIn(directory);
  const other = storeIn(directory);
  const id = runningSandbox(one, START);
  const both = [
    ...propose(one, START + MINUTE),
    ...propose(other, START + MINUTE),
  ];
  expect(both).toEqual([id]);
  expect(one.jobs.mailbox(id)).toHaveLength(1);
});

test('a tick proposes a bounded number, longest idle first', async () => {
  const store = storeIn(await dataDirectory());
  const ids = store.transaction(() =>
    Array.from({ length: MAX_PROPOSALS + 5 }, (_, index) =>
      runningSandbox(store, START - index),
    ),
  );
  const longestFirst = ids.toReversed();
  const later = START + MINUTE;
  expect(propose(store, later)).toEqual(longestFirst.slice(0, MAX_PROPOSALS));
  expect(propose(store, later)).toEqual(longestFirst.slice(MAX_PROPOSALS));
});
