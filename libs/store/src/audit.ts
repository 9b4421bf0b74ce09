import type { AuditRecord } from '@sandboxed/domain';
import { auditRecordSchema, DomainError } from '@sandboxed/domain';
import { encodeTime, isValid, ulid } from 'ulid';
import { z } from 'zod';
import { createNewIds } from './new-ids.ts';
import { json } from './rows.ts';
import type { Session } from './session.ts';
import type { Page } from './store.ts';

/** Rows younger than this stay whatever the bounds are. The schema's own floor is an hour. Milliseconds. */
const FLOOR_MS = 2 * 3_600_000;
/** Trimming waits until it is worth a row of its own: this much past the age, this part beyond the number. */
const SLACK_MS = 3_600_000;
const SLACK_PART = 0.01;

type Optional = 'target_kind' | 'target_id' | 'source' | 'request_id';

/** A row to be written; what is left out is null. */
export type NewAudit = Pick<
  AuditRecord,
  'at_ms' | 'actor' | 'action' | 'outcome'
> &
  Partial<Pick<AuditRecord, Optional | 'job_id' | 'code' | 'detail'>> & {
    /** Without it, that of `target_id` as a sandbox, if there is one. */
    readonly tenant?: string | null;
  };

export interface AuditQuery {
  /** Whose; everybody's without. */
  readonly tenant?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly target?: string | undefined;
  /** From this time on, and before this time. Milliseconds. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Who did what, append-only. */
export interface Audit {
  /** Adds a row; inside a transaction it is there if and only if the change is. */
  append(row: NewAudit): void;
  /** Newest first. Throws `invalid_request` for a cursor of something else. */
  list(query: AuditQuery): Page<AuditRecord>;
  /**
   * Once some are an hour past their age, deletes those past it; else, once there are 1 % more than `maxRows`, the oldest of the
   * tenant that has most, so that a flood pushes out its own trace alone. At most `batch` rows, and none of the newest two hours.
   * Writes down that it did. Returns rows deleted.
   */
  trim(options: {
    readonly now: number;
    readonly keepMs: number;
    readonly maxRows: number;
    readonly batch: number;
  }): number;
}

const COLUMNS = Object.keys(auditRecordSchema.shape);
const TIME_CHARACTERS = 10;
/** The least id of a moment. */
const firstIdAt = (ms: number): string =>
  encodeTime(Math.max(0, ms), TIME_CHARACTERS).padEnd(26, '0');

/** The audit log on one connection. */
export function createAudit(session: Session): Audit {
  const { db } = session;
  const insert = db.prepare<[Record<string, unknown>]>(
    `INSERT INTO audit (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map((name) => `@${name}`).join(', ')})`,
  );
  const tenantOf = db
    .prepare<[string]>('SELECT tenant FROM sandboxes WHERE id = ?')
    .pluck();
  const old = db.prepare<[string, number]>(
    'DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE id < ? ORDER BY id LIMIT ?)',
  );
  const oldest = db
    .prepare<[string]>('SELECT 1 FROM audit WHERE id < ? LIMIT 1')
    .pluck();
  const count = db.prepare('SELECT COUNT(*) FROM audit').pluck();
  const loudest = db
    .prepare<[string]>(
      'SELECT tenant FROM audit WHERE id < ? GROUP BY tenant ORDER BY COUNT(*) DESC LIMIT 1',
    )
    .pluck();
  const surplus = db.prepare<[unknown, string, number]>(
    'DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE tenant IS ? AND id < ? ORDER BY id LIMIT ?)',
  );
  const next = createNewIds();
  let newest = 0;

  /** In order within this process, and of its own time also after the clock was set back. */
  function idAt(ms: number): string {
    if (ms < newest) return ulid(ms);
    newest = ms;
    return next(ms);
  }

  function append(row: NewAudit): void {
    const target = row.target_id ?? null;
    const tenant =
      row.tenant === undefined && target !== null
        ? (tenantOf.get(target) ?? null)
        : (row.tenant ?? null);
    insert.run({
      target_kind: null,
      source: null,
      request_id: null,
      job_id: null,
      code: null,
      ...row,
      id: idAt(row.at_ms),
      tenant,
      target_id: target,
      detail: JSON.stringify(row.detail ?? {}),
    });
  }

  /** Deletes rows and says so, in one transaction. */
  function noted(at_ms: number, remove: () => number): number {
    return session.transaction(() => {
      const rows = remove();
      if (rows > 0)
        append({
          at_ms,
          actor: 'reaper:trim',
          action: 'trim.audit',
          outcome: 'succeeded',
          detail: { rows },
        });
      return rows;
    });
  }

  return {
    append,

    list({ tenant, actor, action, target, since, until, limit, cursor }) {
      const { sql, values } = select({
        'tenant = ?': tenant,
        'actor = ?': actor,
        'action = ?': action,
        'target_id = ?': target,
        'id >= ?': since === undefined ? undefined : firstIdAt(since),
        'id < ?': lower(
          until === undefined ? undefined : firstIdAt(until),
          cursor,
        ),
      });
      const rows = db
        .prepare(sql)
        .all(...values, limit + 1)
        .map(toAudit);
      const items = rows.slice(0, limit);
      return {
        items,
        nextCursor: rows.length > items.length ? items.at(-1)?.id : undefined,
      };
    },

    trim({ now, keepMs, maxRows, batch }) {
      const floor = firstIdAt(now - FLOOR_MS);
      const slack = firstIdAt(now - keepMs - SLACK_MS);
      if (oldest.get(slack) !== undefined) {
        const age = firstIdAt(now - keepMs);
        const before = age < floor ? age : floor;
        return noted(now, () => old.run(before, batch).changes);
      }
      const rows = z.int().parse(count.get());
      if (rows <= maxRows * (1 + SLACK_PART)) return 0;
      // Read before the transaction: writers are not to wait for a look at every row.
      const most = loudest.get(floor) ?? null;
      const over = Math.min(rows - maxRows, batch);
      return noted(now, () => surplus.run(most, floor, over).changes);
    },
  };
}

/** A statement of those conditions that have a value, newest first. The last parameter is its limit. */
function select(conditions: Readonly<Record<string, string | undefined>>): {
  readonly sql: string;
  readonly values: readonly string[];
} {
  const given = Object.entries(conditions).flatMap(([clause, value]) =>
    value === undefined ? [] : [[clause, value] as const],
  );
  const where = given.map(([clause]) => clause).join(' AND ');
  return {
    sql: `SELECT * FROM audit ${where === '' ? '' : `WHERE ${where}`} ORDER BY id DESC LIMIT ?`,
    values: given.map(([, value]) => value),
  };
}

/** The lower of two ids. Throws `invalid_request` for a cursor that is no id. */
function lower(
  until: string | undefined,
  cursor: string | undefined,
): string | undefined {
  if (cursor === undefined) return until;
  if (!isValid(cursor))
    throw new DomainError('invalid_request', 'The cursor is not one of ours.', {
      fields: [
        { path: '/cursor', message: 'must be a next_cursor of this list' },
      ],
    });
  return until === undefined || cursor < until ? cursor : until;
}

function toAudit(raw: unknown): AuditRecord {
  const row = z.record(z.string(), z.unknown()).parse(raw);
  return auditRecordSchema.parse({ ...row, detail: json(row['detail']) });
}
