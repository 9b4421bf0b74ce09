import { existsSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { KeyFileError, writeKeyFile } from './key-file.ts';
import type { KeyRing } from './key-ring.ts';
import { openKeyRing } from './key-ring.ts';
import { SEALED_COLUMNS } from './sealed-columns.ts';
import { newKey } from './sealing-key.ts';

/**
 * The keys of a database. A database in which nothing is encrypted yet gets its first one; the write lock lets one of several
 * processes that start at once make it. Throws a KeyFileError when the file is gone though something is, damaged or open to others.
 */
export function loadKeys(db: Database, file: string): KeyRing {
  if (!existsSync(file))
    db.transaction(() => {
      if (existsSync(file)) return;
      if (holdsSecrets(db))
        throw new KeyFileError(
          `${file} is not there, and what this database holds encrypted cannot be read without it. No new key was made. Put the file of a backup back in its place (chmod 600), then start again.`,
        );
      writeKeyFile(file, [newKey()]);
    }).immediate();
  return openKeyRing(file);
}

function holdsSecrets(db: Database): boolean {
  return SEALED_COLUMNS.some(
    ({ table, column }) =>
      db
        .prepare(`SELECT 1 FROM ${table} WHERE ${column} IS NOT NULL LIMIT 1`)
        .get() !== undefined,
  );
}
