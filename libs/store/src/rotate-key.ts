import { readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AuditDetail } from '@sandboxed/domain';
import Database from 'better-sqlite3';
import { z } from 'zod';
import type { NewAudit } from './audit.ts';
import { createAudit } from './audit.ts';
import type { Cipher } from './cipher.ts';
import { createCipher, headerOf } from './cipher.ts';
import { COPY_NAME } from './keep-copy.ts';
import { readKeyFile, writeKeyFile } from './key-file.ts';
import { openKeyRing } from './key-ring.ts';
import { SCHEMA_VERSION, versionOf } from './migrate.ts';
import type { SealedColumn } from './sealed-columns.ts';
import { SEALED_COLUMNS } from './sealed-columns.ts';
import type { SealingKey } from './sealing-key.ts';
import { newKey } from './sealing-key.ts';
import { createSession } from './session.ts';

/** Values of one transaction: other writers wait no longer than it takes. */
const BATCH = 100;
const BUSY_MS = 30_000;
/** A larger database is not rewritten while workers are at work: they would wait for longer than they hold their jobs. Bytes. */
const LIVE_SWEEP_BYTES = 256 * 1_048_576;
/** Workers tell of themselves every 5 s. Milliseconds. */
const SILENT_MS = 30_000;
/** Who did it, in the audit log: the keeper of the host. */
const ACTOR = 'cli';

/** What has just been done, for progress and for tests that cut it off there. */
export type RotationStep =
  'key_added' | 'batch' | 'sealed' | 'old_keys_dropped' | 'swept';

/** How a rotation ended. */
export interface Rotation {
  /** Of the key that everything is encrypted with now. */
  readonly keyId: string;
  /** An earlier rotation was cut off, and this one ended it. */
  readonly resumed: boolean;
  /** Values that were encrypted anew. */
  readonly sealed: number;
  /** Values that no key opens: they were left, and so were the old keys. */
  readonly unreadable: readonly {
    /** Such as `sandbox <id>`. */
    readonly owner: string;
    readonly holds: string;
    readonly remedy: string;
  }[];
  /** Copies from before upgrades that were removed: their secrets were encrypted with keys that are gone. */
  readonly removedCopies: readonly string[];
  /** Whether what the old keys encrypted is gone from the file's free pages and its log; a large database needs a stopped stack for it. */
  readonly swept: boolean;
}

/**
 * Makes a new key, encrypts everything with it and forgets the old ones, while other processes go on. Cut off at any point,
 * everything stays readable and the next call goes on from there. Throws a KeyFileError, and an Error for another schema.
 *
 * Why nothing is lost: the new key is on disk before a value is sealed with it. Whoever seals looks at the file inside its
 * transaction, so once a transaction of ours has followed the new key, nobody seals with an old one any more. The old keys go
 * in a transaction that has seen that no value is left of them.
 */
export function rotateKey(options: {
  readonly path: string;
  readonly keyFile: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onStep?: (step: RotationStep, sealed: number) => void;
}): Rotation {
  const { path, keyFile, now, onStep = () => undefined } = options;
  const db = new Database(path, { fileMustExist: true, timeout: BUSY_MS });
  try {
    for (const pragma of ['synchronous = FULL', 'secure_delete = ON'])
      db.pragma(pragma);
    if (versionOf(db) !== SCHEMA_VERSION)
      throw new Error(
        `The database has schema version ${versionOf(db)} and this program ${SCHEMA_VERSION}: start the stack with ./install.sh first.`,
      );
    const writeDown = createNotes(db, now);
    const resumed = db
      .transaction(() => {
        writeDown('accepted');
        return addKey(keyFile);
      })
      .immediate();
    onStep('key_added', 0);

    const keys = openKeyRing(keyFile);
    const current = keys.current();
    const cipher = createCipher(keys, () => db.inTransaction);
    const unreadable: Rotation['unreadable'][number][] = [];
    let sealed = 0;
    for (const column of SEALED_COLUMNS)
      for (const batch of sealAnew(db, column, cipher, current)) {
        sealed += batch.sealed;
        unreadable.push(
          ...batch.unreadable.map((owner) => ({
            owner,
            holds: column.holds,
            remedy: column.remedy,
          })),
        );
        onStep('batch', sealed);
      }
    onStep('sealed', sealed);

    const dropped = db
      .transaction(() => {
        const isDone = dropOldKeys(db, keyFile, current);
        writeDown(isDone ? 'succeeded' : 'failed', { key: current.id, sealed });
        return isDone;
      })
      .immediate();
    if (!dropped)
      return {
        ...{ keyId: current.id, resumed, sealed, unreadable },
        ...{ removedCopies: [], swept: false },
      };
    onStep('old_keys_dropped', sealed);
    const removedCopies = removeCopies(path);
    const swept = sweep(db, now());
    onStep('swept', sealed);
    return {
      ...{ keyId: current.id, resumed, sealed, unreadable },
      ...{ removedCopies, swept },
    };
  } finally {
    db.close();
  }
}

/** Writes into the audit log. Of a key only its id is told. */
function createNotes(db: Database.Database, now: () => number) {
  const nobody = (): void => undefined;
  const audit = createAudit(createSession(db, nobody, nobody));
  return (outcome: NewAudit['outcome'], detail: AuditDetail = {}): void => {
    audit.append({
      ...{ at_ms: now(), actor: ACTOR, action: 'rotate_key' },
      ...{ outcome, detail },
    });
  };
}

/** Returns true when an earlier rotation left its key, which is used then. */
function addKey(keyFile: string): boolean {
  const keys = readKeyFile(keyFile);
  if (keys.length > 1) return true;
  writeKeyFile(keyFile, [...keys, newKey()]);
  return false;
}

/** One batch after the other in the order of the primary key: what comes in behind is sealed with the new key anyway. */
function* sealAnew(
  db: Database.Database,
  column: SealedColumn,
  cipher: Cipher,
  current: SealingKey,
): Generator<{ sealed: number; unreadable: string[] }> {
  const { table, key } = column;
  const names = key.join(', ');
  const marks = key.map(() => '?').join(', ');
  const select = db
    .prepare(
      `SELECT ${column.owner}, ${column.column}, ${names} FROM ${table}
       WHERE (${names}) > (${marks}) AND ${isOld(column)} ORDER BY ${names} LIMIT ${BATCH}`,
    )
    .raw();
  const update = db.prepare(
    `UPDATE ${table} SET ${column.column} = ? WHERE (${names}) = (${marks})`,
  );
  const rowSchema = z.tuple([z.string(), z.instanceof(Buffer)], z.string());
  const header = headerOf(current);

  let after: readonly string[] = key.map(() => '');
  for (;;) {
    const result = db
      .transaction(() => {
        const rows = select.all(...after, header);
        const unreadable: string[] = [];
        for (const row of rows) {
          const [owner, value, ...at] = rowSchema.parse(row);
          const place = { column, key: at, owner };
          after = at;
          const text = attempt(() => cipher.open(value, place));
          if (text === undefined) unreadable.push(owner);
          else update.run(cipher.seal(text.value, place), ...at);
        }
        return { read: rows.length, unreadable };
      })
      .immediate();
    const { read, unreadable } = result;
    if (read === 0) return;
    yield { sealed: read - unreadable.length, unreadable };
  }
}

/** What `work` answers; undefined when it throws. */
function attempt<T>(work: () => T): { readonly value: T } | undefined {
  try {
    return { value: work() };
  } catch {
    return undefined;
  }
}

/** Nothing happens while a value is left that is not sealed with the current key. Returns whether they went. */
function dropOldKeys(
  db: Database.Database,
  keyFile: string,
  current: SealingKey,
): boolean {
  const header = headerOf(current);
  const isLeft = SEALED_COLUMNS.some(
    (column) =>
      db
        .prepare(`SELECT 1 FROM ${column.table} WHERE ${isOld(column)} LIMIT 1`)
        .get(header) !== undefined,
  );
  // Another rotation may have ended this one, and a third one begun.
  if (isLeft || readKeyFile(keyFile).at(-1)?.id !== current.id) return false;
  writeKeyFile(keyFile, [current]);
  return true;
}

function isOld({ column }: SealedColumn): string {
  return `${column} IS NOT NULL AND substr(${column}, 1, 5) <> ?`;
}

/** Of what was here before an upgrade; a program that old could not read the new key file either. */
function removeCopies(path: string): readonly string[] {
  const directory = dirname(path);
  const copies = readdirSync(directory).filter((name) => COPY_NAME.test(name));
  for (const name of copies) rmSync(join(directory, name), { force: true });
  return copies;
}

/** Free pages from before `secure_delete` was on, and the write-ahead log, hold what old keys sealed. */
function sweep(db: Database.Database, now: number): boolean {
  const [pages, size, beatAt] = [
    db.pragma('page_count', { simple: true }),
    db.pragma('page_size', { simple: true }),
    db.prepare('SELECT COALESCE(MAX(at), 0) FROM workers').pluck().get(),
  ].map((value) => z.int().parse(value));
  const isLarge = (pages ?? 0) * (size ?? 0) > LIVE_SWEEP_BYTES;
  const isLive = Math.abs(now - (beatAt ?? 0)) < SILENT_MS;
  const mayRewrite = !isLarge || !isLive;
  const emptied = attempt(() => {
    if (mayRewrite) db.exec('VACUUM');
    return z
      .tuple([z.looseObject({ busy: z.int() })])
      .parse(db.pragma('wal_checkpoint(TRUNCATE)'));
  });
  return mayRewrite && emptied?.value[0].busy === 0;
}
