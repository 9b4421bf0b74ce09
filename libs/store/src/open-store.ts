import Database from 'better-sqlite3';
import { createCipher } from './cipher.ts';
import { createEvents } from './events.ts';
import { createFindings } from './findings.ts';
import { createJobs } from './jobs.ts';
import { migrate } from './migrate.ts';
import { createSandboxes } from './sandboxes.ts';
import { createSession } from './session.ts';
import {
  createAgentSessions,
  createIdempotency,
  createSamples,
  createServices,
  createWorkers,
  IDEMPOTENCY_MS,
} from './small-tables.ts';
import { createWorkspaceRows } from './workspace-rows.ts';
import type { Committed, Store } from './store.ts';

const BUSY_MS = 5_000;

export interface StoreOptions {
  /** File of the database; its directory exists. */
  readonly path: string;
  /** 32 bytes, see `loadOrCreateKey`. */
  readonly key: Buffer;
  readonly onCommit: (committed: Committed) => void;
  /** Hears of an `onCommit` that threw. */
  readonly onError: (error: unknown) => void;
}

/** Opens the database and brings its schema up to date. Throws for a database of a newer version. */
export function openStore({
  path,
  key,
  onCommit,
  onError,
}: StoreOptions): Store {
  const db = new Database(path, { timeout: BUSY_MS });
  // FULL: a job that was answered with 202 is on disk, also after a power cut.
  for (const pragma of [
    'journal_mode = WAL',
    'synchronous = FULL',
    'foreign_keys = ON',
  ])
    db.pragma(pragma);
  migrate(db);
  const session = createSession(db, onCommit, onError);
  const cipher = createCipher(key);
  const sandboxes = createSandboxes(session, cipher);
  const trims = [
    `DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE at < @old AND (job_id IS NULL OR job_id NOT IN
       (SELECT id FROM jobs WHERE status IN ('queued', 'running'))) LIMIT @batch)`,
    'DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE finished_at < @old LIMIT @batch)',
    `DELETE FROM sandboxes WHERE id IN (SELECT id FROM sandboxes WHERE state = 'deleted' AND has_workspace = 0
       AND updated_at < @old AND NOT EXISTS (SELECT 1 FROM jobs WHERE sandbox_id = sandboxes.id) LIMIT @batch)`,
    'DELETE FROM idempotency WHERE (owner, key) IN (SELECT owner, key FROM idempotency WHERE at < @day LIMIT @batch)',
  ].map((sql) => db.prepare<[Record<string, unknown>]>(sql));

  return {
    transaction: (work) => session.transaction(work),
    sandboxes,
    jobs: createJobs(session, cipher),
    events: createEvents(session),
    workspaces: createWorkspaceRows(session, cipher, sandboxes),
    findings: createFindings(session),
    services: createServices(session, cipher),
    agentSessions: createAgentSessions(session),
    idempotency: createIdempotency(session),
    samples: createSamples(session),
    workers: createWorkers(session),
    trim({ now, keepMs, batch }) {
      const values = { old: now - keepMs, day: now - IDEMPOTENCY_MS, batch };
      return trims.reduce((sum, trim) => sum + trim.run(values).changes, 0);
    },
    check() {
      db.prepare('SELECT COUNT(*) FROM workers').get();
    },
    close() {
      db.close();
    },
  };
}
