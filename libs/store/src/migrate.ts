import type { Database } from 'better-sqlite3';
import { INIT } from './migrations/0001-init.ts';
import { AGENT_SESSIONS } from './migrations/0002-agent-sessions.ts';
import { ADMISSION } from './migrations/0003-admission.ts';
import { FINDINGS } from './migrations/0004-findings.ts';

/** Forward only; a landed one never changes. The database's `user_version` counts how many were applied. */
const MIGRATIONS: readonly string[] = [
  INIT,
  AGENT_SESSIONS,
  ADMISSION,
  FINDINGS,
];

/** The newest schema that this program knows. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Brings the schema up to date. Several processes may start at once: the write lock lets one do it and the others find it done.
 * Throws when the database was written by a newer version of sandboxed.
 */
export function migrate(db: Database): void {
  if (versionOf(db) === MIGRATIONS.length) return;
  db.transaction(() => {
    const version = versionOf(db);
    if (version > MIGRATIONS.length)
      throw new Error(
        `The database has schema version ${version}, this program knows up to ${MIGRATIONS.length}: it was written by a newer sandboxed. Start that version again, or restore an older copy of the data directory.`,
      );
    for (const [index, sql] of MIGRATIONS.entries()) {
      if (index < version) continue;
      db.exec(sql);
      db.pragma(`user_version = ${index + 1}`);
    }
  }).exclusive();
}

/** The schema of a database, by number of migrations applied. */
export function versionOf(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}
