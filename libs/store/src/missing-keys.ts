import Database from 'better-sqlite3';
import { z } from 'zod';
import { keyIdOf } from './cipher.ts';
import { readKeyFile } from './key-file.ts';
import { SCHEMA_VERSION, versionOf } from './migrate.ts';
import { SEALED_COLUMNS } from './sealed-columns.ts';

/**
 * Ids of keys that a database was encrypted with and that the key file does not hold; none for a database of another schema,
 * which is not looked into. Throws a KeyFileError for a file that is no key file.
 */
export function missingKeys(path: string, keyFile: string): readonly string[] {
  const held = new Set(readKeyFile(keyFile).map(({ id }) => id));
  const db = new Database(path, { readonly: true, fileMustExist: true });
  try {
    if (versionOf(db) !== SCHEMA_VERSION) return [];
    const used = SEALED_COLUMNS.flatMap(({ table, column }) =>
      z
        .array(z.instanceof(Buffer))
        .parse(
          db
            .prepare(
              `SELECT DISTINCT substr(${column}, 1, 5) FROM ${table} WHERE ${column} IS NOT NULL`,
            )
            .pluck()
            .all(),
        ),
    );
    return used.flatMap((header) => {
      const id = keyIdOf(header);
      return id === undefined || held.has(id) ? [] : [id];
    });
  } finally {
    db.close();
  }
}
