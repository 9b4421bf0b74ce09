import Database from 'better-sqlite3';
import type { JobId } from '@sandboxed/domain';
import type { Committed } from '../src/index.ts';
import { migrate } from '../src/migrate.ts';
import { createSession } from '../src/session.ts';
import {
  EXEC,
  insert,
  newSandbox,
  sandboxId,
  submit,
  temporary,
} from './open.ts';

const place = temporary();
afterAll(() => {
  place.clean();
});

/** The event loop goes round once, to its timers and back. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve);
  });

const refuse = (): never => {
  throw new Error('refused');
};

it('commits what is asked for in one turn at once, and answers each', async () => {
  const told: Committed[] = [];
  const store = place.open((committed) => told.push(committed));
  const made = await Promise.all(
    Array.from({ length: 40 }, () => store.grouped(() => insert(store))),
  );
  expect(new Set(made).size).toBe(40);
  for (const id of made) expect(store.sandboxes.get(id)?.id).toBe(id);
  expect(told.map(({ nudges }) => nudges.length)).toEqual([40]);
});

it('takes back the change of one that throws, and nobody else’s', async () => {
  const told: Committed[] = [];
  const store = place.open((committed) => told.push(committed));
  const lost = sandboxId();
  const [before, failed, after] = await Promise.allSettled([
    store.grouped(() => insert(store)),
    store.grouped(() => {
      store.sandboxes.insert(
        newSandbox(lost),
        {},
        { actor: 'test', now: 1_000 },
      );
      return refuse();
    }),
    store.grouped(() => insert(store)),
  ]);
  expect([before.status, after.status]).toEqual(['fulfilled', 'fulfilled']);
  expect(failed).toMatchObject({ reason: new Error('refused') });
  expect(store.sandboxes.get(lost)).toBeUndefined();
  const names = told.flatMap(({ nudges }) => nudges.map((n) => n.sandbox_id));
  expect(names).toHaveLength(2);
  expect(names).not.toContain(lost);
});

it('sees what came before it in its group', async () => {
  const store = place.open();
  const id = sandboxId();
  const make = () =>
    store.grouped(() =>
      store.sandboxes.insert(newSandbox(id), {}, { actor: 'test', now: 1_000 }),
    );
  const [first, second] = await Promise.allSettled([make(), make()]);
  expect(first.status).toBe('fulfilled');
  expect(second).toMatchObject({ reason: { code: 'id_taken' } });
});

it('lets the event loop go round while another process writes, and commits in order once it is done', async () => {
  const store = place.open();
  const other = new Database(place.path);
  try {
    other.exec('BEGIN IMMEDIATE');
    const first = store.grouped(() => insert(store));
    await turn();
    const second = store.grouped(() => insert(store));
    for (let turns = 0; turns < 20; turns += 1) await turn();
    other.exec('COMMIT');
    const ids = await Promise.all([first, second]);
    expect(ids).toEqual(ids.toSorted());
    expect(store.sandboxes.get(ids[1])?.id).toBe(ids[1]);
  } finally {
    other.close();
  }
});

it('rejects all of a group that SQLite gives up as a whole, and goes on with the next', async () => {
  const db = new Database(':memory:');
  migrate(db);
  const told: Committed[] = [];
  const session = createSession(
    db,
    (committed) => told.push(committed),
    (error) => {
      throw error;
    },
  );
  const fill = db.prepare<[string]>(
    `INSERT INTO samples (sandbox_id, sample) VALUES (hex(randomblob(8)), ?)`,
  );
  const add = (bytes: number) =>
    session.grouped(() => fill.run('x'.repeat(bytes)).changes);
  const pages = Number(db.pragma('page_count', { simple: true }));
  db.pragma(`max_page_count = ${String(pages + 50)}`);
  const results = await Promise.allSettled([add(10), add(10_000_000), add(10)]);
  const rejected = results.filter(({ status }) => status === 'rejected');
  expect(rejected.length).toBeGreaterThan(0);
  const kept = db.prepare('SELECT COUNT(*) FROM samples').pluck().get();
  expect(kept).toBe(3 - rejected.length);
  expect(await add(10)).toBe(1);
  db.close();
});

it('offers a job to nobody that is taken in the transaction which submits it', async () => {
  const told: Committed[] = [];
  const store = place.open((committed) => told.push(committed));
  const submitted = () => submit(store, insert(store), 'exec', EXEC);
  const [taken, left] = await Promise.all([
    store.grouped(() => {
      const job = submitted();
      expect(store.jobs.claim(job, 'here', 1_000)).toMatchObject({
        ...{ fence: 1, recovered: false },
      });
      return job;
    }),
    store.grouped(submitted),
  ]);
  expect(store.jobs.get(taken)).toMatchObject({
    ...{ status: 'running', worker_id: 'here' },
  });
  expect(told.flatMap(({ runnable }) => runnable)).toEqual([
    { id: left, class: 'exec' },
  ]);
  expect(store.jobs.toOffer(1_000, 10)).not.toContainEqual({
    ...{ id: taken, class: 'exec' },
  });
});

it('offers what an earlier change made runnable when one that took it is taken back', async () => {
  const told: Committed[] = [];
  const store = place.open((committed) => told.push(committed));
  const made: { job?: JobId } = {};
  const [submitted, taken] = await Promise.allSettled([
    store.grouped(() => {
      made.job = submit(store, insert(store), 'exec', EXEC);
    }),
    store.grouped(() => {
      if (made.job !== undefined) store.jobs.claim(made.job, 'here', 1_000);
      return refuse();
    }),
  ]);
  expect([submitted.status, taken.status]).toEqual(['fulfilled', 'rejected']);
  expect(told.flatMap(({ runnable }) => runnable)).toEqual([
    { id: made.job, class: 'exec' },
  ]);
});
