import type { CountedUse, QuotaOverrides } from '@sandboxed/domain';
import { quotaOverridesSchema } from '@sandboxed/domain';
import { z } from 'zod';
import { json } from './rows.ts';
import type { Session } from './session.ts';

/** What tenants may have and have. */
export interface Quotas {
  /** What one tenant may have where it is not the default; `{}` when all is. */
  overrides(tenant: string): QuotaOverrides;
  put(tenant: string, overrides: QuotaOverrides, now: number): void;
  /** Back to the defaults. */
  remove(tenant: string): void;
  /**
   * What a tenant has now. Several reads, of one moment inside a transaction alone, and then with what that changed; none waits for
   * writers, so that to ask does not hold them up.
   */
  use(tenant: string): CountedUse;
  /** Tenants that ever had a sandbox or have limits of their own, by name, after `after`. */
  tenants(after: string, limit: number): readonly string[];
}

// Not strict: another version may know more limits.
const storedSchema = z.object(quotaOverridesSchema.shape);
const sumSchema = z.strictObject({
  state: z.string(),
  n: z.int(),
  memory_mb: z.int(),
  disk_mb: z.int(),
});
const upSchema = sumSchema.pick({ n: true, memory_mb: true });
const namesSchema = z.array(z.string());

/** These hold memory, or are about to. */
const UP: readonly string[] = ['creating', 'starting', 'running', 'stopping'];
const LIVING = [...UP, 'stopped', 'deleting', 'error'];

/** Expressions of the index `sandboxes_use`, letter by letter: it is not used for another spelling. */
const MEMORY_MB = "json_extract(limits, '$.memory_mb')";
/** What a sandbox counts for on disk: what it may write. The place for a measured figure, which needs an index that holds it. */
const DISK_MB = "json_extract(limits, '$.disk_mb')";

const inWords = (states: readonly string[]): string =>
  states.map((state) => `'${state}'`).join(', ');

const unfinished = (kind: 'start' | 'task'): string =>
  `SELECT DISTINCT sandbox_id FROM jobs INDEXED BY jobs_use WHERE kind = '${kind}' AND status IN ('queued', 'running')`;

/** What one tenant has, and who the tenants are. None looks at the rows of all. */
export const USE_QUERIES = {
  living: `SELECT state, COUNT(*) AS n, SUM(${MEMORY_MB}) AS memory_mb, SUM(${DISK_MB}) AS disk_mb
    FROM sandboxes INDEXED BY sandboxes_use WHERE tenant = ? AND state IN (${inWords(LIVING)}) GROUP BY state`,
  kept: `SELECT COALESCE(SUM(${DISK_MB}), 0)
    FROM sandboxes INDEXED BY sandboxes_use WHERE tenant = ? AND state = 'deleted' AND has_workspace = 1`,
  // Starts and tasks that are not done are few, whoever's they are: these first, then their sandboxes by id.
  toStart: `SELECT COUNT(*) AS n, COALESCE(SUM(${MEMORY_MB}), 0) AS memory_mb
    FROM (${unfinished('start')}) CROSS JOIN sandboxes ON id = sandbox_id
    WHERE tenant = ? AND state IN ('stopped', 'error')`,
  tasks: `SELECT COUNT(*) FROM (${unfinished('task')}) CROSS JOIN sandboxes ON id = sandbox_id WHERE tenant = ?`,
  // From one name to the next by the index, however many sandboxes are between them.
  tenants: `WITH RECURSIVE named (tenant, n) AS (
      SELECT MIN(tenant), 1 FROM sandboxes INDEXED BY sandboxes_use WHERE tenant > @after
      UNION ALL
      SELECT (SELECT MIN(tenant) FROM sandboxes INDEXED BY sandboxes_use WHERE tenant > named.tenant), n + 1
      FROM named WHERE named.tenant IS NOT NULL AND n < @limit)
    SELECT tenant FROM named WHERE tenant IS NOT NULL
    UNION SELECT tenant FROM (SELECT tenant FROM quotas WHERE tenant > @after ORDER BY tenant LIMIT @limit)
    ORDER BY tenant LIMIT @limit`,
} as const;

/** What tenants may have and have, on one connection. */
export function createQuotas({ db }: Session): Quotas {
  const find = db
    .prepare<[string]>('SELECT overrides FROM quotas WHERE tenant = ?')
    .pluck();
  const put = db.prepare<[string, string, number]>(
    'INSERT OR REPLACE INTO quotas (tenant, overrides, updated_at) VALUES (?, ?, ?)',
  );
  const remove = db.prepare<[string]>('DELETE FROM quotas WHERE tenant = ?');
  const living = db.prepare<[string]>(USE_QUERIES.living);
  const kept = db.prepare<[string]>(USE_QUERIES.kept).pluck();
  const toStart = db.prepare<[string]>(USE_QUERIES.toStart);
  const tasks = db.prepare<[string]>(USE_QUERIES.tasks).pluck();
  const tenants = db
    .prepare<[{ after: string; limit: number }]>(USE_QUERIES.tenants)
    .pluck();

  return {
    overrides(tenant) {
      const text = find.get(tenant);
      return text === undefined ? {} : storedSchema.parse(json(text));
    },
    put(tenant, overrides, now) {
      put.run(tenant, JSON.stringify(overrides), now);
    },
    remove(tenant) {
      remove.run(tenant);
    },
    use(tenant) {
      const all = z.array(sumSchema).parse(living.all(tenant));
      const pending = upSchema.parse(toStart.get(tenant));
      const up = [pending, ...all.filter(({ state }) => UP.includes(state))];
      return {
        sandboxes: sum(all.map(({ n }) => n)),
        running: sum(up.map(({ n }) => n)),
        memory_mb: sum(up.map(({ memory_mb }) => memory_mb)),
        disk_mb:
          sum(all.map(({ disk_mb }) => disk_mb)) +
          z.int().parse(kept.get(tenant)),
        tasks: z.int().parse(tasks.get(tenant)),
      };
    },
    tenants: (after, limit) => namesSchema.parse(tenants.all({ after, limit })),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
