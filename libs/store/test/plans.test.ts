import Database from 'better-sqlite3';
import { JOB_STATUSES, sandboxIdSchema } from '@sandboxed/domain';
import { WATCHED } from '../src/disk.ts';
import { jobsQuery } from '../src/list-jobs.ts';
import { sandboxesQuery } from '../src/list-sandboxes.ts';
import type { JobQuery, SandboxQuery } from '../src/index.ts';
import { nextId, temporary } from './open.ts';

const place = temporary();
let db: Database.Database;
const prepared = new Set<string>();
beforeAll(() => {
  const prepare = jest.spyOn(Database.prototype, 'prepare');
  place.open();
  for (const [source] of prepare.mock.calls) prepared.add(source);
  prepare.mockRestore();
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

it('looks for unfinished jobs where those alone are, however many a sandbox has had', () => {
  const sources = [...prepared].filter((source) =>
    source.includes("status IN ('queued', 'running')"),
  );
  const steps = sources.flatMap((source) => {
    const named = [...source.matchAll(/@(\w+)/g)].map(([, name]) => [name, 1]);
    const values: readonly unknown[] =
      named.length > 0
        ? [Object.fromEntries(named)]
        : [...source.matchAll(/\?/g)].map(() => 1);
    return plan(source, ...values).filter((step) =>
      /^S(CAN|EARCH) (jobs|e|j) /.test(step),
    );
  });
  expect(steps.length).toBeGreaterThanOrEqual(sources.length);
  expect(
    steps.filter(
      (step) =>
        !/INDEX (jobs_(mailbox|barriers|unfinished|use)|sqlite_autoindex_jobs_1) /.test(
          `${step} `,
        ),
    ),
  ).toEqual([]);
});

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
