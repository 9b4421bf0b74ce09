import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { IDEMPOTENCY_MS } from './small-tables.ts';
import type { Store } from './store.ts';

/** What ended within this time stays even when the database is too large: whoever waits for it is to read it. Milliseconds. */
const FRESH_MS = 60_000;
/** Likewise for answers to requests with an Idempotency-Key, which may be repeated. Milliseconds. */
const FRESH_ANSWER_MS = 3_600_000;
/** A finished job leaves about as many events behind. */
const EVENTS_PER_JOB = 10;
/** A row of the audit log with its indexes takes about as much, and has a bound of its own. Bytes. */
const AUDIT_ROW_BYTES = 600;
/** The write-ahead log is emptied when it is larger. Bytes. */
export const LOG_BYTES = 64 * 1_048_576;
/** How long emptying it waits for readers, while writers wait for it. Milliseconds. */
const CHECKPOINT_MS = 1_000;

/** Events up to here have become deliveries, if any webhook wants to hear of them. */
const TOLD = `(SELECT CASE WHEN EXISTS (SELECT 1 FROM webhooks WHERE disabled_at IS NULL)
  THEN (SELECT seq FROM webhook_cursor) ELSE 9223372036854775807 END)`;

/**
 * Keeps the database small. A job's row goes before its events, so that a job that is found has all of them; the sandboxes' own
 * logs (`state`, `job`) lose their oldest events first, whatever they belong to. A tombstone goes last: it says whose they are.
 */
export function createTrim(
  db: Database,
  path: string,
): Pick<Store, 'trim' | 'checkpoint'> {
  const remove = (sql: string) => {
    const statement =
      db.prepare<[{ readonly old: number; batch: number }]>(sql);
    return (old: number, batch: number): number =>
      statement.run({ old, batch }).changes;
  };
  const jobs = remove(
    'DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE finished_at < @old ORDER BY finished_at LIMIT @batch)',
  );
  const events = remove(
    `DELETE FROM events WHERE seq IN (SELECT seq FROM events AS e
       WHERE seq <= (SELECT seq FROM events WHERE at < @old ORDER BY at DESC LIMIT 1)
         AND seq <= ${TOLD}
         AND (type IN ('state', 'job') OR NOT EXISTS (SELECT 1 FROM jobs WHERE id = e.job_id))
       ORDER BY seq LIMIT @batch)`,
  );
  const tombstones = remove(
    `DELETE FROM sandboxes WHERE id IN (SELECT id FROM sandboxes WHERE state = 'deleted' AND has_workspace = 0
       AND updated_at < @old AND NOT EXISTS (SELECT 1 FROM jobs WHERE sandbox_id = sandboxes.id)
       AND NOT EXISTS (SELECT 1 FROM events WHERE sandbox_id = sandboxes.id AND type IN ('state', 'job', 'finding', 'disk'))
       LIMIT @batch)`,
  );
  const answers = remove(
    `DELETE FROM idempotency WHERE (owner, key) IN
       (SELECT owner, key FROM idempotency WHERE at < @old ORDER BY at LIMIT @batch)`,
  );
  const deliveries = remove(
    'DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries WHERE finished_at < @old ORDER BY finished_at LIMIT @batch)',
  );
  const apiKeys = remove(
    'DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys WHERE revoked_at < @old OR expires_at < @old LIMIT @batch)',
  );
  const firstEnd = db
    .prepare(
      'SELECT finished_at FROM jobs WHERE finished_at IS NOT NULL ORDER BY finished_at LIMIT 1',
    )
    .pluck();

  const auditRows = db.prepare('SELECT COUNT(*) FROM audit').pluck();

  /** Bytes in use, but for the audit log's: what was deleted is used again before the file grows. */
  function usedBytes(): number {
    const [pages, free, size] = [
      'page_count',
      'freelist_count',
      'page_size',
    ].map((name) => z.int().parse(db.pragma(name, { simple: true })));
    const audit = z.int().parse(auditRows.get()) * AUDIT_ROW_BYTES;
    return ((pages ?? 0) - (free ?? 0)) * (size ?? 0) - audit;
  }

  /** Events older than the oldest finished job are of jobs that went before: they go first, or ever more jobs would. */
  function makeRoom(now: number, batch: number): number {
    const old = now - FRESH_MS;
    const oldest = z.int().optional().parse(firstEnd.get()) ?? old;
    const left = events(Math.min(old, oldest), batch);
    if (left > 0) return left;
    return (
      jobs(old, Math.ceil(batch / EVENTS_PER_JOB)) +
      deliveries(old, Math.ceil(batch / EVENTS_PER_JOB)) +
      tombstones(old, Math.ceil(batch / EVENTS_PER_JOB)) +
      answers(now - FRESH_ANSWER_MS, batch)
    );
  }

  return {
    trim({ now, keepMs, maxBytes, batch }) {
      const old = now - keepMs;
      const deleted =
        jobs(old, batch) +
        events(old, batch) +
        tombstones(old, batch) +
        apiKeys(old, batch) +
        deliveries(old, batch) +
        answers(now - IDEMPOTENCY_MS, batch);
      if (deleted > 0 || usedBytes() <= maxBytes) return deleted;
      return makeRoom(now, batch);
    },

    checkpoint() {
      const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
      if ((log?.size ?? 0) <= LOG_BYTES) return;
      const patience = z
        .int()
        .parse(db.pragma('busy_timeout', { simple: true }));
      db.pragma(`busy_timeout = ${CHECKPOINT_MS}`);
      try {
        db.pragma('wal_checkpoint(TRUNCATE)');
      } finally {
        db.pragma(`busy_timeout = ${patience}`);
      }
    },
  };
}
