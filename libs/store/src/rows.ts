import type { JobRecord, Letter, SandboxRecord } from '@sandboxed/domain';
import {
  DomainError,
  JOB_KINDS,
  jobIdSchema,
  jobRecordSchema,
  sandboxRecordSchema,
} from '@sandboxed/domain';
import { z } from 'zod';
import type { Page } from './store.ts';

/** A text column that holds JSON; null stays null. */
export function json(text: unknown): unknown {
  if (text === null) return null;
  if (typeof text !== 'string') throw new TypeError('a column holds no text');
  const value: unknown = JSON.parse(text);
  return value;
}

/** Columns that a record does not have, as those of sealed values, are left out. */
const sandboxSchema = z.object(sandboxRecordSchema.shape);
const jobSchema = z.object(jobRecordSchema.shape);

function isRow(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null;
}

/** Columns by name. Cheaper than a schema's, which looks at each: lists have many. */
function columnsOf(raw: unknown): Readonly<Record<string, unknown>> {
  if (isRow(raw)) return raw;
  throw new TypeError('SQLite gave something that is no row');
}

/** A row of `sandboxes` as a domain record. */
export function toSandbox(raw: unknown): SandboxRecord {
  const row = columnsOf(raw);
  return sandboxSchema.parse({
    ...row,
    ports: json(row['ports']),
    env_names: json(row['env_names']),
    labels: json(row['labels']),
    limits: json(row['limits']),
    external: json(row['external']),
    has_workspace: row['has_workspace'] === 1,
  });
}

/** A row of `jobs` as a domain record. */
export function toJob(raw: unknown): JobRecord {
  const row = columnsOf(raw);
  return jobSchema.parse({
    ...row,
    payload: json(row['payload']),
    cancel_requested: row['cancel_requested'] === 1,
    result: json(row['result']),
    error: json(row['error']),
    timings: json(row['timings']),
  });
}

const letterSchema = z.strictObject({
  id: jobIdSchema,
  kind: z.enum(JOB_KINDS),
  status: z.enum(['queued', 'running']),
});

/** An unfinished job as the mailbox sees it. */
export function toLetter(raw: unknown): Letter {
  return letterSchema.parse(raw);
}

const cursorSchema = z.tuple([z.int(), z.string()]);

/** An opaque cursor of a position in a list. */
function encodeCursor(at: number, id: string): string {
  return Buffer.from(JSON.stringify([at, id])).toString('base64url');
}

/** The page of rows of which one more than `limit` was asked for: it tells whether there is a next one. */
export function pageOf<T extends { readonly created_at: number; id: string }>(
  rows: readonly T[],
  limit: number,
): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    nextCursor:
      rows.length > items.length && last !== undefined
        ? encodeCursor(last.created_at, last.id)
        : undefined,
  };
}

/** Throws `invalid_request` for anything {@link encodeCursor} did not write. */
export function decodeCursor(cursor: string): readonly [number, string] {
  try {
    return cursorSchema.parse(
      JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')),
    );
  } catch (error) {
    throw new DomainError('invalid_request', 'The cursor is not one of ours.', {
      cause: error,
      fields: [
        { path: '/cursor', message: 'must be a next_cursor of this list' },
      ],
    });
  }
}
