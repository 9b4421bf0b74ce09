import type { JobId, JobRecord } from '@sandboxed/domain';
import { DomainError, jobIdSchema } from '@sandboxed/domain';
import type { Database } from 'better-sqlite3';
import { toJob } from './rows.ts';
import type { JobQuery, Page } from './store.ts';

/** Jobs that fit, newest first, one page. Throws `invalid_request` for a cursor that is none. */
export function listJobs(db: Database, query: JobQuery): Page<JobRecord> {
  const clauses = ['1'];
  const values: unknown[] = [];
  const where = (clause: string, value: unknown): void => {
    clauses.push(clause);
    values.push(value);
  };
  if (query.tenant !== undefined)
    where(
      'EXISTS (SELECT 1 FROM sandboxes WHERE sandboxes.id = jobs.sandbox_id AND tenant = ?)',
      query.tenant,
    );
  if (query.sandboxId !== undefined) where('sandbox_id = ?', query.sandboxId);
  if (query.kind !== undefined) where('kind = ?', query.kind);
  if (query.status !== undefined) where('status = ?', query.status);
  if (query.cursor !== undefined) where('id < ?', cursorId(query.cursor));
  const rows = db
    .prepare(
      `SELECT * FROM jobs WHERE ${clauses.join(' AND ')} ORDER BY id DESC LIMIT ?`,
    )
    .all(...values, query.limit + 1)
    .map(toJob);
  const items = rows.slice(0, query.limit);
  return {
    items,
    nextCursor: rows.length > items.length ? items.at(-1)?.id : undefined,
  };
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
