import Database from 'better-sqlite3';
import type { Finding } from '@sandboxed/domain';
import { insert, temporary } from './open.ts';

let place = temporary();
beforeEach(() => {
  place = temporary();
});
afterEach(() => {
  place.clean();
});

const found = (changes: Partial<Finding> = {}): Finding => ({
  kind: 'container_paused',
  subject: 'a',
  detail: '',
  sandboxId: undefined,
  message: 'paused',
  action: 'unpaused',
  ...changes,
});

describe('a finding', () => {
  it('is told once by two workers, and again when it is another', () => {
    const [one, two] = [place.open(), place.open()];
    expect(one.findings.note(found(), 10, 11)).toBe(true);
    expect(two.findings.note(found(), 10, 12)).toBe(false);
    expect(one.findings.note(found({ detail: 'b' }), 20, 21)).toBe(true);
    const counts = Object.fromEntries(
      two.findings.counts().map(({ kind, n }) => [kind, n]),
    );
    expect(counts).toMatchObject({ container_paused: 2, container_gone: 0 });
  });

  it('is told again after it was over', () => {
    const store = place.open();
    store.findings.note(found(), 10, 11);
    store.findings.close(found(), 20, 21);
    expect(store.findings.open()).toEqual([]);
    expect(store.findings.note(found(), 30, 31)).toBe(true);
  });

  it('is not told by a look that began before it was over', () => {
    const store = place.open();
    store.findings.note(found(), 10, 11);
    store.findings.close(found(), 20, 21);
    expect(store.findings.note(found(), 19, 22)).toBe(false);
    expect(store.findings.open()).toEqual([]);
  });

  it('is not over by a look that began before it was told', () => {
    const store = place.open();
    store.findings.note(found(), 10, 11);
    store.findings.close(found(), 9, 12);
    expect(store.findings.open()).toEqual([
      { subject: 'a', kind: 'container_paused' },
    ]);
  });

  it('is forgotten an hour after it was over', () => {
    const store = place.open();
    store.findings.note(found(), 10, 11);
    store.findings.close(found(), 20, 21);
    store.findings.close(found({ subject: 'b' }), 20, 21 + 3_600_001);
    const db = new Database(place.path);
    expect(db.prepare('SELECT COUNT(*) FROM findings').pluck().get()).toBe(0);
    db.close();
  });

  it("is in the sandbox's own log, through an index", () => {
    const store = place.open();
    const id = insert(store);
    store.findings.note(found({ sandboxId: id, subject: id }), 10, 11);
    const [, event] = store.events.after({ sandboxId: id }, 0, 10);
    expect(event).toMatchObject({
      type: 'finding',
      job_id: null,
      data: {
        kind: 'container_paused',
        message: 'paused',
        action: 'unpaused',
        actor: 'reconciler',
      },
    });
    const db = new Database(place.path);
    const plan = db
      .prepare(
        `EXPLAIN QUERY PLAN SELECT * FROM events WHERE sandbox_id = ? AND type IN ('state', 'job', 'finding', 'disk') AND seq > ?`,
      )
      .all(id, 0);
    expect(JSON.stringify(plan)).toContain('events_sandbox');
    db.close();
  });
});

it('gives a new row a generation above that of any earlier sandbox of its id', () => {
  const store = place.open();
  const id = insert(store, {}, 5_000_000);
  expect(store.sandboxes.get(id)?.generation).toBe(5_000);
});
