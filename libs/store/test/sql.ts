import Database from 'better-sqlite3';

/** Runs one statement on a database behind its store's back; answers the first row of one that reads. */
export function sql(path: string, text: string, ...values: unknown[]): unknown {
  const db = new Database(path);
  try {
    const statement = db.prepare(text);
    return statement.reader
      ? statement.get(...values)
      : statement.run(...values);
  } finally {
    db.close();
  }
}
