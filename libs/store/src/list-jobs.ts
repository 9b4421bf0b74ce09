import type { JobId, JobRecord } from '@sandboxed/domain';
import { DomainError, isFinished, jobIdSchema } from '@sandboxed/domain';
import type { Database } from 'better-sqlite3';
import { toJob } from './rows.ts';
import type { JobQuery, Page } from './store.ts';

/** Jobs that fit, newest first, one page. Throws `invalid_request` for a cursor that is none. */
export function listJobs(db: Database, query: JobQuery): Page<JobRecord> {
  const { sql, values } = jobsQuery(query);
  const rows = db
    .prepare(sql)
    .all(...values)
    .map(toJob);
  const items = rows.slice(0, query.limit);
  return {
    items,
    nextCursor: rows.length > items.length ? items.at(-1)?.id : undefined,
  };
}

/** The statement of a page, of one row more than its limit, and its parameters. */
export function jobsQuery(query: JobQuery): {
  readonly sql: string;
  readonly values: readonly unknown[];
} {
  const { index, holds } = indexFor(query);
  const clauses = [holds];
  const values: unknown[] = [];
  const where = (clause: string, value: unknown): void => {
    clauses.push(clause);
    values.push(value);
  };
  if (query.tenant !== undefined) where('tenant = ?', query.tenant);
  if (query.sandboxId !== undefined) where('sandbox_id = ?', query.sandboxId);
  if (query.kind !== undefined) where('kind = ?', query.kind);
  if (query.status !== undefined) where('status = ?', query.status);
  if (query.cursor !== undefined) where('id < ?', cursorId(query.cursor));
  return {
    sql: `SELECT * FROM jobs ${index} WHERE ${clauses.join(' AND ')} ORDER BY id DESC LIMIT ?`,
    values: [...values, query.limit + 1],
  };
}

const ANY = '1';
const UNFINISHED = "status IN ('queued', 'running')";
const UNSUCCESSFUL = "status IN ('failed', 'cancelled')";
const UNUSUAL = "kind <> 'exec'";

/**
 * The index that leaves fewest rows to look at, in the order of the list, and what holds for all rows in it: SQLite uses a partial
 * one only for a statement that says so. What is not in a partial index is what most jobs are, and soon found without.
 */
function indexFor({ tenant, sandboxId, kind, status }: JobQuery): {
  readonly index: string;
  readonly holds: string;
} {
  const isUnusual = kind !== undefined && kind !== 'exec';
  const by = (name: string, holds = ANY) => ({
    index: `INDEXED BY ${name}`,
    holds,
  });
  if (sandboxId !== undefined)
    return isUnusual ? by('jobs_sandbox_unusual', UNUSUAL) : by('jobs_sandbox');
  if (status !== undefined && !isFinished(status))
    return by('jobs_unfinished', UNFINISHED);
  if (tenant !== undefined) return by('jobs_own');
  if (status === 'failed' || status === 'cancelled')
    return by('jobs_unsuccessful', UNSUCCESSFUL);
  return isUnusual ? by('jobs_unusual', UNUSUAL) : { index: '', holds: ANY };
}

function cursorId(cursor: string): JobId {
  const parsed = jobIdSchema.safeParse(cursor);
  if (parsed.success) return parsed.data;
  throw new DomainError('invalid_request', 'The cursor is not one of ours.', {
    fields: [
      { path: '/cursor', message: 'must be a next_cursor of this list' },
    ],
  });
}
