import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';

/** Copies of earlier upgrades are removed down to this many. */
const KEPT = 2;
/** Free space beyond the copy itself: the migration writes as well. Bytes. */
const SPARE_BYTES = 64 * 1024 * 1024;
/** Their names. */
export const COPY_NAME = /^before-schema-(\d+)\.sqlite$/;

/**
 * Copies the database at `path` to `before-schema-<schema>.sqlite` beside it, as its last commit left it, and removes all but
 * the newest two of such copies. The caller holds the write lock, so nothing is committed meanwhile and nobody else copies.
 * A copy of an earlier try at the same schema is replaced. Answers the copy's path; throws when there is no room for it.
 */
export function keepCopy(path: string, schema: number): string {
  const directory = dirname(path);
  needRoom(path, directory);
  const copy = join(directory, `before-schema-${schema}.sqlite`);
  const staging = `${copy}.partial`;
  rmSync(staging, { force: true });
  try {
    const source = new Database(path, { readonly: true, fileMustExist: true });
    try {
      source.prepare('VACUUM INTO ?').run(staging);
    } finally {
      source.close();
    }
    emptyPool(staging);
    sync(staging);
    renameSync(staging, copy);
    sync(directory);
  } catch (error) {
    rmSync(staging, { force: true });
    throw new Error(
      `The database could not be copied before its schema changes, so it was left as it is: ${String(error)}`,
      { cause: error },
    );
  }
  removeOld(directory);
  return copy;
}

/** When the copy is put back, sandboxes may have come of the members that it tells of. */
function emptyPool(path: string): void {
  const db = new Database(path);
  try {
    const isThere = db
      .prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'warm_pool'`)
      .get();
    if (isThere === undefined) return;
    db.exec(
      `DELETE FROM addresses WHERE sandbox_id IN (SELECT id FROM warm_pool); DELETE FROM warm_pool;`,
    );
  } finally {
    db.close();
  }
}

function needRoom(path: string, directory: string): void {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  const needed = statSync(path).size + log + SPARE_BYTES;
  const { bavail, bsize } = statfsSync(directory);
  if (bavail * bsize < needed)
    throw new Error(
      `The database is copied before its schema changes, and ${directory} has ${inMb(bavail * bsize)} MB free of the ${inMb(needed)} MB that this takes. Nothing was changed: free some space, then start again.`,
    );
}

function removeOld(directory: string): void {
  const copies = readdirSync(directory)
    .flatMap((name) => {
      const schema = COPY_NAME.exec(name)?.[1];
      return schema === undefined ? [] : [{ name, schema: Number(schema) }];
    })
    .sort((a, b) => b.schema - a.schema);
  for (const { name } of copies.slice(KEPT))
    rmSync(join(directory, name), { force: true });
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function inMb(bytes: number): number {
  return Math.floor(bytes / 1024 / 1024);
}
