import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { LEASE_MS } from '@sandboxed/domain';
import fc from 'fast-check';
import type { Claim, Committed } from '../src/index.ts';
import { codeOf, EXEC, insert, newSandbox, submit, temporary } from './open.ts';

let place = temporary();
beforeEach(() => {
  place = temporary();
});
afterEach(() => {
  place.clean();
});

function claimed(claim: Claim | undefined): Claim {
  if (claim === undefined) throw new Error('the claim was refused');
  return claim;
}

describe('opening', () => {
  it('by four processes at once migrates once', async () => {
    const script = `const { openStore } = await import(${JSON.stringify(join(__dirname, '../src/index.ts'))});
      openStore({ path: process.argv[1], keyFile: process.argv[1].replace('test.sqlite', 'secret.key'), onCommit() {}, onError() {} }).close();`;
    await Promise.all(
      Array.from({ length: 4 }, () =>
        promisify(execFile)('node', [
          '--input-type=module',
          '-e',
          script,
          place.path,
        ]),
      ),
    );
    const store = place.open();
    expect(() => {
      store.check();
    }).not.toThrow();
  });

  it('refuses a database of a newer version and says so', () => {
    const db = new Database(place.path);
    db.pragma('user_version = 999');
    db.close();
    expect(() => place.open()).toThrow(/written by a newer sandboxed/);
  });
});

describe('a sandbox row', () => {
  it('keeps the env from anybody who reads the files', () => {
    const store = place.open();
    const id = insert(store);
    const job = submit(store, id, 'exec', EXEC, {
      env: { K: 'very-secret-value' },
    });
    expect(store.sandboxes.env(id)).toEqual({ TOKEN: 'very-secret-value' });
    expect(store.jobs.secret(job)).toEqual({ env: { K: 'very-secret-value' } });
    for (const file of readdirSync(place.dir))
      expect(
        readFileSync(join(place.dir, file)).includes('very-secret-value'),
      ).toBe(false);
  });

  it('is changed by one of two connections that both read it before', () => {
    const [one, two] = [place.open(), place.open()];
    const id = insert(one);
    const details = { actor: 'test', reason: 'test', now: 2_000 };
    one.sandboxes.transition(id, 'ready', details);
    expect(codeOf(() => two.sandboxes.transition(id, 'ready', details))).toBe(
      'illegal_transition',
    );
  });

  it('comes back from its tombstone with a new generation and no old services', () => {
    const store = place.open();
    const id = insert(store);
    const details = { actor: 'test', reason: 'test', now: 2_000 };
    store.services.put(id, 'web', { command: 'true', env: {} }, 2_000);
    expect(
      codeOf(() => {
        store.sandboxes.insert(newSandbox(id), {}, details);
      }),
    ).toBe('id_taken');
    store.sandboxes.transition(id, 'delete', details);
    store.sandboxes.transition(id, 'removed', details);
    expect(store.sandboxes.list({ limit: 10 }).items).toEqual([]);
    expect(store.sandboxes.insert(newSandbox(id), {}, details)).toMatchObject({
      state: 'creating',
      generation: 2,
    });
    expect(store.services.list(id)).toEqual([]);
  });

  it('is listed newest first, page by page, and a foreign cursor is refused', () => {
    const store = place.open();
    const ids = Array.from({ length: 5 }, () => insert(store)).reverse();
    const first = store.sandboxes.list({ limit: 3 });
    expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 3));
    const cursor = first.nextCursor ?? '';
    const second = store.sandboxes.list({ limit: 3, cursor });
    expect(second.items.map(({ id }) => id)).toEqual(ids.slice(3));
    expect(second.nextCursor).toBeUndefined();
    expect(codeOf(() => store.sandboxes.list({ limit: 3, cursor: 'x' }))).toBe(
      'invalid_request',
    );
  });
});

describe('a job', () => {
  it('is claimed by one of two workers', () => {
    const [one, two] = [place.open(), place.open()];
    const job = submit(one, insert(one), 'create', {});
    const claims = [
      one.jobs.claim(job, 'a', 2_000),
      two.jobs.claim(job, 'b', 2_000),
    ];
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
  });

  it('is claimed as it is from then on', () => {
    const store = place.open();
    const job = submit(store, insert(store), 'create', {});
    const claim = store.jobs.claim(job, 'a', 2_000);
    expect(claim?.job).toMatchObject({ status: 'running', started_at: 2_000 });
    expect(claim?.job).toEqual(store.jobs.get(job));
  });

  it('whose lease lies beyond any is offered and taken: the clock was set back since', () => {
    const store = place.open();
    const job = submit(store, insert(store), 'create', {});
    claimed(store.jobs.claim(job, 'a', 3_600_000));
    expect(store.jobs.toOffer(3_600_000 - LEASE_MS, 10)).toEqual([]);
    expect(store.jobs.toOffer(2_000, 10)).toMatchObject([{ id: job }]);
    expect(store.jobs.claim(job, 'b', 2_000)).toMatchObject({ fence: 2 });
  });

  it('whose lease ran out goes to another worker, and the first can write nothing more', () => {
    const store = place.open();
    const job = submit(store, insert(store), 'create', {});
    const first = claimed(store.jobs.claim(job, 'a', 2_000));
    expect(store.jobs.claim(job, 'b', 2_000 + LEASE_MS - 1)).toBeUndefined();
    const second = claimed(store.jobs.claim(job, 'b', 2_000 + LEASE_MS));
    expect(second).toMatchObject({ recovered: true, fence: first.fence + 1 });
    expect(store.jobs.renew(first, 11_000).held).toBe(false);
    expect(
      codeOf(() => {
        store.jobs.assertHeld(first);
      }),
    ).toBe('stale_write');
    expect(
      codeOf(() =>
        store.jobs.finish(first, { status: 'succeeded', result: 1 }, 11_000),
      ),
    ).toBe('stale_write');
    expect(
      store.jobs.finish(second, { status: 'succeeded', result: 2 }, 11_000),
    ).toMatchObject({ status: 'succeeded', result: 2 });
  });

  it('that is queued is cancelled at once, one that runs is asked to end', () => {
    const store = place.open();
    const id = insert(store);
    const [running, queued] = [
      submit(store, id, 'create', {}),
      submit(store, id, 'exec', EXEC),
    ];
    const claim = claimed(store.jobs.claim(running, 'a', 2_000));
    const by = { actor: 'test', now: 3_000 };
    expect(store.jobs.requestCancel(queued, by)).toBe('cancelled');
    expect(store.jobs.requestCancel(running, by)).toBe('requested');
    expect(store.jobs.requestCancel(queued, by)).toBe('finished');
    expect(store.jobs.renew(claim, 3_000).cancelRequested).toBe(true);
    expect(
      store.events.after({ jobId: queued }, 0, 10).map(({ type }) => type),
    ).toEqual(['status', 'done']);
  });

  it('is announced when it may run, and what waited behind it when it is done', () => {
    const commits: Committed[] = [];
    const store = place.open((committed) => commits.push(committed));
    const id = insert(store);
    const create = submit(store, id, 'create', {});
    const exec = submit(store, id, 'exec', EXEC);
    expect(store.jobs.toOffer(2_000, 10).map((job) => job.id)).toEqual([
      create,
    ]);
    commits.length = 0;
    store.jobs.finish(
      claimed(store.jobs.claim(create, 'a', 2_000)),
      { status: 'succeeded', result: {} },
      3_000,
    );
    expect(commits.at(-1)?.runnable).toEqual([{ id: exec, class: 'exec' }]);
  });

  it('that is rolled back is never announced', () => {
    const commits: Committed[] = [];
    const store = place.open((committed) => commits.push(committed));
    const id = insert(store);
    commits.length = 0;
    expect(() => {
      store.transaction(() => {
        submit(store, id, 'create', {});
        throw new Error('no');
      });
    }).toThrow('no');
    expect(commits).toEqual([]);
    expect(store.jobs.mailbox(id)).toEqual([]);
  });
});

it('whatever happens in whatever order, no lifecycle job runs beside another job and each ends with one done event', () => {
  const step = fc.record({
    act: fc.constantFrom('submit', 'claim', 'finish', 'cancel', 'expire'),
    kind: fc.constantFrom('start', 'stop', 'exec', 'delete'),
    pick: fc.nat(20),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const own = temporary();
      try {
        const store = own.open();
        const id = insert(store);
        const jobs: ReturnType<typeof submit>[] = [];
        let now = 1_000;
        const claims = new Map<string, Claim>();
        const finishAny = (pick: number): void => {
          const claim = [...claims.values()][pick % Math.max(1, claims.size)];
          if (claim === undefined) return;
          claims.delete(claim.jobId);
          store.jobs.finish(claim, { status: 'succeeded', result: {} }, now);
        };
        for (const { act, kind, pick } of steps) {
          now += 10;
          const job = jobs[pick % Math.max(1, jobs.length)];
          if (act === 'submit')
            jobs.push(
              kind === 'exec'
                ? submit(store, id, kind, EXEC)
                : kind === 'stop'
                  ? submit(store, id, kind, { force: false })
                  : submit(store, id, kind, {}),
            );
          else if (act === 'expire') now += LEASE_MS;
          else if (act === 'finish') finishAny(pick);
          else if (job !== undefined && act === 'cancel')
            store.jobs.requestCancel(job, { actor: 'test', now });
          else if (job !== undefined) {
            const claim = store.jobs.claim(job, 'w', now);
            if (claim !== undefined) claims.set(job, claim);
          }
          const running = store.jobs
            .mailbox(id)
            .filter(({ status }) => status === 'running');
          if (running.some(({ kind: of }) => of !== 'exec'))
            expect(running).toHaveLength(1);
        }
        for (let rounds = 0; store.jobs.mailbox(id).length > 0; rounds += 1) {
          expect(rounds).toBeLessThan(100);
          now += LEASE_MS;
          for (const { id: due } of store.jobs.toOffer(now, 100)) {
            const claim = store.jobs.claim(due, 'w', now);
            if (claim !== undefined)
              store.jobs.finish(
                claim,
                { status: 'succeeded', result: {} },
                now,
              );
          }
        }
        for (const job of jobs)
          expect(
            store.events
              .after({ jobId: job }, 0, 100)
              .filter(({ type }) => type === 'done'),
          ).toHaveLength(1);
      } finally {
        own.clean();
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);

describe('queries that run all the time', () => {
  it('use an index', () => {
    place.open();
    const db = new Database(place.path);
    const detail = JSON.stringify(
      db
        .prepare(
          "EXPLAIN QUERY PLAN SELECT id FROM jobs WHERE status IN ('queued', 'running') ORDER BY id LIMIT 5",
        )
        .all(),
    );
    db.close();
    expect(detail).toMatch(/jobs_unfinished|jobs_mailbox/);
  });

  it('find idle sandboxes and leave out those with work or a keepalive', () => {
    const store = place.open();
    const ids = [insert(store), insert(store), insert(store)] as const;
    for (const id of ids)
      store.sandboxes.transition(id, 'ready', {
        actor: 't',
        reason: 't',
        now: 1_000,
      });
    submit(store, ids[0], 'exec', EXEC);
    store.sandboxes.keepAlive(ids[1], 999_999);
    expect(
      store.sandboxes.idleCandidates(61_000, 10).map(({ id }) => id),
    ).toEqual([ids[2]]);
    expect(store.sandboxes.idleCandidates(60_999, 10)).toEqual([]);
  });
});

it('trims finished jobs and old events, and leaves unfinished ones alone', () => {
  const store = place.open();
  const id = insert(store);
  const done = submit(store, id, 'create', {});
  store.jobs.finish(
    claimed(store.jobs.claim(done, 'a', 2_000)),
    { status: 'succeeded', result: {} },
    2_000,
  );
  const open = submit(store, id, 'exec', EXEC);
  expect(
    store.trim({ now: 1e12, keepMs: 1, maxBytes: 1e9, batch: 1_000 }),
  ).toBeGreaterThan(0);
  expect(store.jobs.get(done)).toBeUndefined();
  expect(store.jobs.get(open)).toBeDefined();
  expect(store.events.after({ jobId: open }, 0, 10)).not.toEqual([]);
});

it('remembers the last session of each agent in a sandbox until it is forgotten', () => {
  const store = place.open();
  const [one, other] = [insert(store), insert(store)];
  store.agentSessions.put(one, 'codex', { id: 'a' });
  store.agentSessions.put(one, 'codex', { id: 'b', cost_usd: 0.5 });
  store.agentSessions.put(one, 'opencode', { id: 'c' });
  store.agentSessions.put(other, 'codex', { id: 'd' });
  expect(store.agentSessions.get(one, 'codex')).toEqual({
    id: 'b',
    cost_usd: 0.5,
  });
  store.agentSessions.forget(one, 'codex');
  expect(store.agentSessions.get(one, 'codex')).toBeUndefined();
  expect(store.agentSessions.get(one, 'opencode')?.id).toBe('c');
  store.agentSessions.clear(one);
  expect(store.agentSessions.get(one, 'opencode')).toBeUndefined();
  expect(store.agentSessions.get(other, 'codex')?.id).toBe('d');
});

it('keeps no services and no sample of a sandbox that was removed', () => {
  const store = place.open();
  const [id, other] = [insert(store), insert(store)];
  const details = { actor: 'test', reason: 'test', now: 2_000 };
  const sample = {
    at: 1,
    cpuNanos: 1,
    networkBytes: 1,
    memoryBytes: 1,
    cpuPercent: 1,
    processes: 1,
  };
  for (const each of [id, other]) {
    store.services.put(each, 'web', { command: 'true', env: {} }, 2_000);
    store.samples.put(each, sample);
  }
  store.sandboxes.transition(id, 'delete', details);
  expect(store.services.list(id)).toHaveLength(1);
  store.sandboxes.transition(id, 'removed', details);
  expect(store.services.list(id)).toEqual([]);
  expect(store.samples.get(id)).toBeUndefined();
  expect(store.services.list(other)).toHaveLength(1);
  expect(store.samples.get(other)).toEqual(sample);
});
