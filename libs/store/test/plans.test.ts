import Database from 'better-sqlite3';
import { JOB_STATUSES, sandboxIdSchema } from '@sandboxed/domain';
import { WATCHED } from '../src/disk.ts';
import { jobsQuery } from '../src/list-jobs.ts';
import { sandboxesQuery } from '../src/list-sandboxes.ts';
import type { JobQuery, SandboxQuery } from '../src/index.ts';
import { nextId, temporary } from './open.ts';

const place = temporary();
let db: Database.Database;
beforeAll(() => {
  place.open();
  db = new Database(place.path, { readonly: true });
});
afterAll(() => {
  db.close();
  place.clean();
});

const plan = (sql: string, ...values: readonly unknown[]): readonly string[] =>
  db
    .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...values)
    .map(({ detail }) => detail);

/** All ways to choose one of each list, or none. */
function choices<T extends object>(
  lists: Readonly<Record<string, readonly unknown[]>>,
  rest: T,
): T[] {
  return Object.entries(lists).reduce<T[]>(
    (all, [name, values]) =>
      all.flatMap((one) => [
        one,
        ...values.map((value) => ({ ...one, [name]: value })),
      ]),
    [rest],
  );
}

const JOB_QUERIES = choices<JobQuery>(
  {
    tenant: ['a'],
    sandboxId: [sandboxIdSchema.parse(nextId())],
    kind: ['exec', 'task', 'stop'],
    status: [...JOB_STATUSES],
    cursor: [nextId()],
  },
  { limit: 50 },
);

it.each(JOB_QUERIES)(
  'takes a page of jobs in the order of its index: %j',
  (query) => {
    const { sql, values } = jobsQuery(query);
    const steps = plan(sql, ...values);
    expect(steps).toHaveLength(1);
    expect(steps.join()).not.toContain('TEMP B-TREE');
  },
);

const SANDBOX_QUERIES = choices<SandboxQuery>(
  {
    tenant: ['a'],
    states: [['running'], ['running', 'stopped']],
    label: [{ key: 'a', value: 'b' }],
    externalUserId: ['u'],
    externalProjectId: ['p'],
    cursor: [Buffer.from('[1,"x"]').toString('base64url')],
  },
  { limit: 50 },
);

it.each(SANDBOX_QUERIES)(
  'takes a page of sandboxes in the order of its index: %j',
  (query) => {
    const { sql, values } = sandboxesQuery(query);
    const steps = plan(sql, ...values).filter((step) =>
      /sandboxes|B-TREE/.test(step),
    );
    // Of one user or project, those of the same millisecond may have to be put in order.
    expect(
      steps.filter((step) => !step.includes('LAST TERM OF ORDER BY')),
    ).toEqual([expect.stringMatching(/USING INDEX sandboxes_/)]);
  },
);

it('looks only at sandboxes that may be close to a limit of disk', () => {
  const steps = plan(WATCHED).filter((step) =>
    /^S(CAN|EARCH) (disk_use|sandboxes)/.test(step),
  );
  expect(steps.filter((step) => step.startsWith('SCAN'))).toEqual([
    'SCAN disk_use USING INDEX disk_use_off',
  ]);
});
