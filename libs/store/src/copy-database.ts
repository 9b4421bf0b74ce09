import type { SandboxId } from '@sandboxed/domain';
import { SANDBOX_STATES, sandboxIdSchema } from '@sandboxed/domain';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { versionOf } from './migrate.ts';

const BUSY_MS = 5_000;
/** All that one step can take. */
const EVERY_PAGE = 0x7fffffff;
/** One step does; a source that is busy recovering may need another. */
const MAX_STEPS = 20;

const glanceSchema = z.strictObject({
  id: sandboxIdSchema,
  state: z.enum(SANDBOX_STATES),
  version: z.int().positive(),
});
/** Just enough of a sandbox's row to tell whether it changed; readable at every schema version. */
export type SandboxGlance = z.output<typeof glanceSchema>;

/** What a copy holds. */
export interface CopiedDatabase {
  readonly schemaVersion: number;
  /** Tombstones, too: a workspace may remain of them. */
  readonly sandboxes: ReadonlyMap<SandboxId, SandboxGlance>;
  readonly jobs: number;
  readonly events: number;
}

/**
 * Copies a database that other processes go on writing, as it is at one moment: the file `to` stands alone, without a log
 * beside it, and has passed SQLite's integrity check. The schema is copied as it is. Throws when `from` cannot be read, when
 * `to` cannot be written, and when the copy is not sound.
 */
export async function copyDatabase(
  from: string,
  to: string,
): Promise<CopiedDatabase> {
  const source = open(from);
  try {
    let steps = 0;
    // In one step: between two, the write of another process would make SQLite begin again, without end on a busy host.
    await source.backup(to, {
      progress() {
        steps += 1;
        if (steps > MAX_STEPS)
          throw new Error(`${from} was busy for too long to be copied.`);
        return EVERY_PAGE;
      },
    });
  } finally {
    source.close();
  }
  const copy = new Database(to, { fileMustExist: true, timeout: BUSY_MS });
  try {
    copy.pragma('journal_mode = DELETE');
    const found: unknown = copy.pragma('integrity_check', { simple: true });
    if (found !== 'ok')
      throw new Error(
        `The copy of ${from} is not sound, so the database itself is damaged: ${String(found)}`,
      );
    return {
      schemaVersion: versionOf(copy),
      sandboxes: glances(copy),
      jobs: count(copy, 'jobs'),
      events: count(copy, 'events'),
    };
  } finally {
    copy.close();
  }
}

/** The sandboxes of a database that others may be writing. */
export function readSandboxes(
  path: string,
): ReadonlyMap<SandboxId, SandboxGlance> {
  const db = open(path);
  try {
    return glances(db);
  } finally {
    db.close();
  }
}

/** When a worker last told of itself, in ms since the epoch, in a database that others may be writing; undefined when none did. */
export function readNewestBeat(path: string): number | undefined {
  const db = open(path);
  try {
    const newest = db.prepare('SELECT MAX(at) FROM workers').pluck().get();
    return z.number().nullable().parse(newest) ?? undefined;
  } finally {
    db.close();
  }
}

function open(path: string): Database.Database {
  return new Database(path, {
    readonly: true,
    fileMustExist: true,
    timeout: BUSY_MS,
  });
}

function glances(db: Database.Database): ReadonlyMap<SandboxId, SandboxGlance> {
  const rows = db
    .prepare('SELECT id, state, version FROM sandboxes ORDER BY id')
    .all();
  return new Map(
    rows.map((row) => {
      const glance = glanceSchema.parse(row);
      return [glance.id, glance];
    }),
  );
}

function count(db: Database.Database, table: 'jobs' | 'events'): number {
  return z
    .int()
    .parse(db.prepare(`SELECT COUNT(*) FROM ${table}`).pluck().get());
}
