import type { SandboxEvent, SandboxId } from '@sandboxed/domain';
import { DomainError, SANDBOX_EVENTS } from '@sandboxed/domain';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import type { Claim, Committed, Store } from '../src/index.ts';
import { writeKeyFile } from '../src/key-file.ts';
import { INIT } from '../src/migrations/0001-init.ts';
import { AGENT_SESSIONS } from '../src/migrations/0002-agent-sessions.ts';
import { newKey } from '../src/sealing-key.ts';
import { EXEC, insert, submit, temporary } from './open.ts';

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

/** A create that was claimed, found no memory and waits. */
function waiting(store: Store) {
  const sandboxId = insert(store);
  const jobId = submit(store, sandboxId, 'create', {});
  const claim = claimed(store.jobs.claim(jobId, 'a', 2_000));
  const start = {
    jobId,
    sandboxId,
    tenant: 'open',
    costMb: 384,
    waitingSince: 2_000,
  };
  store.transaction(() => {
    store.starts.enter(start);
    store.starts.defer(claim, 2_000);
  });
  return { start, claim, sandboxId, jobId };
}

const ADMIT = { reason: 'test', now: 3_000 };

describe('a start that waits for memory', () => {
  it('is out of the way of offers and claims until it is admitted', () => {
    const offers: Committed['runnable'][number]['id'][] = [];
    const store = place.open(({ runnable }) => {
      offers.push(...runnable.map(({ id }) => id));
    });
    const { start, jobId, sandboxId } = waiting(store);
    submit(store, sandboxId, 'exec', EXEC);
    offers.length = 0;
    expect(store.jobs.toOffer(60_000, 10)).toEqual([]);
    expect(store.jobs.claim(jobId, 'b', 60_000)).toBeUndefined();
    store.starts.admit(start, ADMIT);
    expect(offers).toEqual([jobId]);
    expect(store.jobs.toOffer(60_000, 10)).toEqual([
      { id: jobId, class: 'lifecycle' },
    ]);
    expect(store.jobs.claim(jobId, 'b', 60_000)).toBeDefined();
    expect(store.jobs.get(jobId)?.attempts).toBe(1);
  });

  it('leaves nothing to the worker that put it back', () => {
    const store = place.open();
    const { claim } = waiting(store);
    expect(store.jobs.renew(claim, 3_000).held).toBe(false);
    expect(() => {
      store.jobs.assertHeld(claim);
    }).toThrow(DomainError);
    expect(() => {
      store.starts.defer(claim, 3_000);
    }).toThrow(DomainError);
  });

  it('leaves the queue with the end of its job, however that comes', () => {
    const store = place.open();
    const [cancelled, abandoned] = [waiting(store), waiting(store)];
    const by = { actor: 'test', now: 3_000 };
    store.jobs.requestCancel(cancelled.jobId, by);
    const error = {
      code: 'no_capacity',
      message: 'no',
      retryable: true,
    } as const;
    store.jobs.abandon(abandoned.jobId, { status: 'failed', error }, 3_000);
    expect(store.starts.count()).toBe(0);
  });

  it('takes a turn of its tenant', () => {
    const store = place.open();
    const [one, two, three] = [
      waiting(store),
      waiting(store),
      waiting(store),
    ].map(({ start }) => start);
    if (!one || !two || !three) throw new Error('no starts');
    store.starts.admit({ ...one, tenant: 'a' }, ADMIT);
    store.starts.admit({ ...two, tenant: 'b' }, ADMIT);
    store.starts.admit({ ...three, tenant: 'a' }, ADMIT);
    expect(store.starts.turns()).toEqual(
      new Map([
        ['a', 3],
        ['b', 2],
      ]),
    );
  });
});

it('holds memory for nobody but a start under way, whatever happens to sandboxes', () => {
  const store = place.open();
  const ids = [insert(store), insert(store), insert(store)];
  const step = fc.record({
    at: fc.nat({ max: ids.length - 1 }),
    act: fc.constantFrom<SandboxEvent | 'reserve' | 'patch'>(
      ...SANDBOX_EVENTS,
      'reserve',
      'reserve',
      'patch',
    ),
  });
  const act = (id: SandboxId, what: SandboxEvent | 'reserve' | 'patch') => {
    if (what === 'reserve') store.sandboxes.reserve(id, 384);
    else if (what === 'patch') store.sandboxes.patch(id, { name: 'x' }, 1);
    else
      store.sandboxes.transition(id, what, {
        actor: 'test',
        reason: 'test',
        now: 1,
      });
  };
  let held = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
      for (const { at, act: what } of steps) {
        const id = ids[at];
        if (id === undefined) continue;
        try {
          act(id, what);
        } catch (error) {
          expect(error).toMatchObject({ code: 'illegal_transition' });
        }
        const rows = ids.map((each) => store.sandboxes.get(each));
        const sum = rows
          .filter(
            (row) => row?.state === 'creating' || row?.state === 'starting',
          )
          .reduce((total, row) => total + (row?.reserved_mb ?? 0), 0);
        expect(store.sandboxes.reservedMb()).toBe(sum);
        held = Math.max(held, sum);
      }
    }),
    { numRuns: 100 },
  );
  expect(held).toBeGreaterThan(0);
});

it('gives sandboxes of an older database to the tenant of an open installation', () => {
  const old = new Database(place.path);
  old.exec(INIT);
  old.exec(AGENT_SESSIONS);
  old.pragma('user_version = 2');
  old.exec(`INSERT INTO sandboxes VALUES ('01ARZ3NDEKTSV4RRFFQ69G5FAV', NULL, 'starting', 'r', 'a', NULL, NULL, 'image', NULL,
    '[3000]', '[]', x'00', '{}', '{"memory_mb":2048,"cpus":2,"pids":1024,"disk_mb":10240}', 'sleep', 60, 'public',
    'on_request', 'open', '{}', 1, 1, 1, 384, 1, 1, 1, NULL, NULL)`);
  old.close();
  writeKeyFile(place.keyFile, [newKey()]);
  const store = place.open();
  expect(store.sandboxes.list({ limit: 1 }).items).toMatchObject([
    { tenant: 'open', state: 'starting', reserved_mb: 384 },
  ]);
  expect(store.sandboxes.reservedMb()).toBe(384);
});
