import type { SandboxRecord } from '@sandboxed/domain';
import type { Database } from 'better-sqlite3';
import { decodeCursor, pageOf, toSandbox } from './rows.ts';
import type { Page, SandboxQuery } from './store.ts';

/** Sandboxes that fit, newest first, one page. Throws `invalid_request` for a cursor that is none. */
export function listSandboxes(
  db: Database,
  query: SandboxQuery,
): Page<SandboxRecord> {
  const { sql, values } = sandboxesQuery(query);
  const rows = db
    .prepare(sql)
    .all(...values)
    .map(toSandbox);
  return pageOf(rows, query.limit);
}

/** The statement of a page, of one row more than its limit, and its parameters. */
export function sandboxesQuery(query: SandboxQuery): {
  readonly sql: string;
  readonly values: readonly unknown[];
} {
  const clauses = ["state <> 'deleted'"];
  const values: unknown[] = [];
  const where = (clause: string, ...given: unknown[]): void => {
    clauses.push(clause);
    values.push(...given);
  };
  if (query.tenant !== undefined) where('tenant = ?', query.tenant);
  if (query.states !== undefined)
    where(
      `state IN (${query.states.map(() => '?').join(', ')})`,
      ...query.states,
    );
  if (query.externalUserId !== undefined)
    where("json_extract(external, '$.user_id') = ?", query.externalUserId);
  if (query.externalProjectId !== undefined)
    where(
      "json_extract(external, '$.project_id') = ?",
      query.externalProjectId,
    );
  if (query.label !== undefined)
    where(
      'EXISTS (SELECT 1 FROM json_each(labels) WHERE key = ? AND value = ?)',
      query.label.key,
      query.label.value,
    );
  if (query.cursor !== undefined)
    where('(created_at, id) < (?, ?)', ...decodeCursor(query.cursor));
  return {
    sql: `SELECT * FROM sandboxes INDEXED BY ${indexFor(query)} WHERE ${clauses.join(' AND ')} ORDER BY created_at DESC, id DESC LIMIT ?`,
    values: [...values, query.limit + 1],
  };
}

/** The one that leaves fewest rows to look at, each in the order of the list: SQLite, which knows nothing of how many there are, would rather sort. */
function indexFor(query: SandboxQuery): string {
  if (query.externalProjectId !== undefined) return 'sandboxes_project';
  if (query.externalUserId !== undefined) return 'sandboxes_user';
  if (query.states?.length === 1)
    return query.tenant === undefined
      ? 'sandboxes_state'
      : 'sandboxes_own_state';
  return query.tenant === undefined ? 'sandboxes_newest' : 'sandboxes_own';
}
