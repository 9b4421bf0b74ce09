import type { Database } from 'better-sqlite3';
import { keepCopy } from './keep-copy.ts';
import { INIT } from './migrations/0001-init.ts';
import { AGENT_SESSIONS } from './migrations/0002-agent-sessions.ts';
import { ADMISSION } from './migrations/0003-admission.ts';
import { FINDINGS } from './migrations/0004-findings.ts';
import { ADDRESSES } from './migrations/0005-addresses.ts';
import { API_KEYS } from './migrations/0006-api-keys.ts';
import { QUOTAS } from './migrations/0007-quotas.ts';
import { PRIVATE_PREVIEWS } from './migrations/0008-private-previews.ts';
import { DISK } from './migrations/0009-disk.ts';
import { AUDIT } from './migrations/0010-audit.ts';
import { SECRETS } from './migrations/0011-secrets.ts';
import { TIMINGS } from './migrations/0012-timings.ts';
import { WARM_POOL } from './migrations/0013-warm-pool.ts';
import { LARGE_LISTS } from './migrations/0014-large-lists.ts';
import { WEBHOOKS } from './migrations/0015-webhooks.ts';
import { TRACE } from './migrations/0016-trace.ts';
import { BARRIERS } from './migrations/0017-barriers.ts';

/** Forward only; a landed one never changes. The database's `user_version` counts how many were applied. */
const MIGRATIONS: readonly string[] = [
  INIT,
  AGENT_SESSIONS,
  ADMISSION,
  FINDINGS,
  ADDRESSES,
  API_KEYS,
  QUOTAS,
  PRIVATE_PREVIEWS,
  DISK,
  AUDIT,
  SECRETS,
  TIMINGS,
  WARM_POOL,
  LARGE_LISTS,
  WEBHOOKS,
  TRACE,
  BARRIERS,
];

/** The newest schema that this program knows. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Others wait this long for the one that copies and migrates. Milliseconds. */
const MIGRATION_MS = 120_000;

/**
 * Brings the schema up to date. Several processes may start at once: the write lock lets one do it and the others find it done.
 * A database that holds something is copied first, see `keepCopy`. All pending migrations are one transaction: one that throws
 * leaves the database as it was. Throws then, when there is no room for the copy, and for a database of a newer sandboxed.
 */
export function migrate(
  db: Database,
  migrations: readonly string[] = MIGRATIONS,
): void {
  if (versionOf(db) === migrations.length) return;
  const patience = Number(db.pragma('busy_timeout', { simple: true }));
  db.pragma(`busy_timeout = ${MIGRATION_MS}`);
  try {
    db.transaction(() => {
      apply(db, migrations);
    }).exclusive();
  } finally {
    db.pragma(`busy_timeout = ${patience}`);
  }
}

function apply(db: Database, migrations: readonly string[]): void {
  const version = versionOf(db);
  if (version > migrations.length)
    throw new Error(
      `The database has schema version ${version}, this program knows up to ${migrations.length}: it was written by a newer sandboxed. Start that version again, or put the copy before-schema-${migrations.length + 1}.sqlite beside the database in its place.`,
    );
  if (version === migrations.length) return;
  const copy =
    version === 0 || db.memory
      ? undefined
      : keepCopy(db.name, migrations.length);
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue;
    try {
      db.exec(sql);
    } catch (error) {
      throw new Error(
        `The migration to schema version ${index + 1} failed: ${String(error)}. The database was left as it was, at version ${version}${copy === undefined ? '' : `, and ${copy} is a copy of it`}. Start the previous version of sandboxed again.`,
        { cause: error },
      );
    }
    db.pragma(`user_version = ${index + 1}`);
  }
}

/** The schema of a database, by number of migrations applied. */
export function versionOf(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}
