import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { migrate, versionOf } from '../src/migrate.ts';
import { temporary } from './open.ts';

const FIRST = 'CREATE TABLE notes (id TEXT PRIMARY KEY, text TEXT NOT NULL)';
const SECOND = 'ALTER TABLE notes ADD COLUMN more TEXT';
const THIRD = 'ALTER TABLE notes ADD COLUMN most TEXT';
const FOURTH = 'ALTER TABLE notes ADD COLUMN last TEXT';
const BROKEN = 'DROP TABLE notes; CREATE TABLE oops (';

let place = temporary();
let open: Database.Database[] = [];
beforeEach(() => {
  place = temporary();
});
afterEach(() => {
  for (const db of open) db.close();
  open = [];
  place.clean();
});

function connect(path = place.path): Database.Database {
  const db = new Database(path);
  open.push(db);
  return db;
}

/** A database of the first schema with some rows, the last of them in the log alone. */
function inUse(): Database.Database {
  const db = connect();
  db.pragma('journal_mode = WAL');
  migrate(db, [FIRST]);
  const insert = db.prepare('INSERT INTO notes (id, text) VALUES (?, ?)');
  for (const id of ['c', 'a', 'b']) insert.run(id, `text of ${id}`);
  return db;
}

function copies(): string[] {
  return readdirSync(place.dir)
    .filter((name) => name.includes('before'))
    .sort();
}

it('copies what a database holds before its schema changes', () => {
  migrate(inUse(), [FIRST, SECOND]);
  expect(copies()).toEqual(['before-schema-2.sqlite']);
  const copy = connect(join(place.dir, 'before-schema-2.sqlite'));
  expect(versionOf(copy)).toBe(1);
  expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
  // In the order in which they were written: mailboxes go by it.
  expect(copy.prepare('SELECT * FROM notes ORDER BY rowid').all()).toEqual([
    { id: 'c', text: 'text of c' },
    { id: 'a', text: 'text of a' },
    { id: 'b', text: 'text of b' },
  ]);
});

it('makes no copy of a new database, nor of one that is up to date', () => {
  migrate(inUse(), [FIRST]);
  expect(copies()).toEqual([]);
});

it('leaves the database as it was when a migration fails, and says what to do', () => {
  const db = inUse();
  expect(() => {
    migrate(db, [FIRST, SECOND, BROKEN]);
  }).toThrow(
    /schema version 3 failed: .*left as it was, at version 1, and .*before-schema-3\.sqlite is a copy.*previous version/s,
  );
  expect(versionOf(db)).toBe(1);
  expect(db.prepare('SELECT * FROM notes').all()).toHaveLength(3);
  expect(Object.keys(db.prepare('SELECT * FROM notes').get() ?? {})).toEqual([
    'id',
    'text',
  ]);
  // The next try, of a version that is mended, replaces the copy.
  migrate(db, [FIRST, SECOND, THIRD]);
  expect(versionOf(db)).toBe(3);
  expect(copies()).toEqual(['before-schema-3.sqlite']);
});

it('keeps the copies of the last two upgrades', () => {
  const db = inUse();
  migrate(db, [FIRST, SECOND]);
  migrate(db, [FIRST, SECOND, THIRD]);
  migrate(db, [FIRST, SECOND, THIRD, FOURTH]);
  expect(copies()).toEqual([
    'before-schema-3.sqlite',
    'before-schema-4.sqlite',
  ]);
});

it('changes nothing when the copy cannot be made', () => {
  const db = inUse();
  // A directory of the copy's name cannot be replaced by a file.
  const blocked = join(place.dir, 'before-schema-2.sqlite');
  mkdirSync(join(blocked, 'full'), { recursive: true });
  expect(() => {
    migrate(db, [FIRST, SECOND]);
  }).toThrow(/could not be copied .* left as it is/);
  expect(versionOf(db)).toBe(1);
  expect(copies()).toEqual(['before-schema-2.sqlite']);
});

it('refuses a database of a newer version', () => {
  const db = inUse();
  migrate(db, [FIRST, SECOND]);
  expect(() => {
    migrate(db, [FIRST]);
  }).toThrow(/written by a newer sandboxed/);
  expect(versionOf(db)).toBe(2);
});

it('is done once when several processes start at the same time', async () => {
  inUse();
  const script = `const { default: Database } = await import(${JSON.stringify(require.resolve('better-sqlite3'))});
    const { migrate } = await import(${JSON.stringify(join(__dirname, '../src/migrate.ts'))});
    migrate(new Database(process.argv[1]), ${JSON.stringify([FIRST, SECOND])});`;
  const children = Array.from({ length: 4 }, () =>
    spawn(
      process.execPath,
      ['--no-warnings', '--input-type=module', '-e', script, place.path],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    ),
  );
  const codes = await Promise.all(
    children.map(async (child) => {
      const [code]: unknown[] = await once(child, 'exit');
      return code;
    }),
  );
  expect(codes).toEqual([0, 0, 0, 0]);
  expect(copies()).toEqual(['before-schema-2.sqlite']);
  const copy = connect(join(place.dir, 'before-schema-2.sqlite'));
  expect(versionOf(copy)).toBe(1);
});
