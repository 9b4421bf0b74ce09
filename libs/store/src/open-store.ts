import Database from 'better-sqlite3';
import { createAddresses } from './addresses.ts';
import { createApiKeys } from './api-keys.ts';
import { createAudit } from './audit.ts';
import { createCipher } from './cipher.ts';
import { createDisk } from './disk.ts';
import { createEvents } from './events.ts';
import { createFeed } from './feed.ts';
import { createFindings } from './findings.ts';
import { createJobFigures } from './job-figures.ts';
import { createJobs } from './jobs.ts';
import { loadKeys } from './load-keys.ts';
import { migrate } from './migrate.ts';
import { createPressure } from './pressure.ts';
import { createQuotas } from './quotas.ts';
import { createSandboxes } from './sandboxes.ts';
import { createSession } from './session.ts';
import {
  createAgentSessions,
  createIdempotency,
  createSamples,
  createServices,
  createWorkers,
} from './small-tables.ts';
import { createWorkspaceRows } from './workspace-rows.ts';
import { createStarts } from './starts.ts';
import type { Committed, Store } from './store.ts';
import { createWarmPool } from './warm-pool.ts';
import { createTrim, LOG_BYTES } from './trim.ts';
import { createDeliveries } from './deliveries.ts';
import { createWebhooks } from './webhooks.ts';

const BUSY_MS = 5_000;
/** Pages of 4 KiB in the write-ahead log before a commit empties it: 16 MiB, a quarter of what trimming allows. */
const CHECKPOINT_PAGES = 4_000;

export interface StoreOptions {
  /** File of the database; its directory exists. */
  readonly path: string;
  /** File of the keys that values are encrypted with; made when nothing is encrypted yet. */
  readonly keyFile: string;
  readonly onCommit: (committed: Committed) => void;
  /** Hears of an `onCommit` that threw. */
  readonly onError: (error: unknown) => void;
}

/** Opens the database and brings its schema up to date. Throws for a database of a newer version, and a KeyFileError without its keys. */
export function openStore({
  path,
  keyFile,
  onCommit,
  onError,
}: StoreOptions): Store {
  const db = new Database(path, { timeout: BUSY_MS });
  // FULL: a job that was answered with 202 is on disk, also after a power cut.
  for (const pragma of [
    'journal_mode = WAL',
    'synchronous = FULL',
    `journal_size_limit = ${LOG_BYTES}`,
    // A page that is written again and again is copied from the log once: writers do that work themselves, with the lock in their hands.
    `wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
    // What a savepoint may have to take back is kept there, else in a file that each savepoint writes.
    'temp_store = MEMORY',
    'foreign_keys = ON',
    // What is deleted or sealed anew is gone from the file, too.
    'secure_delete = ON',
  ])
    db.pragma(pragma);
  migrate(db);
  const session = createSession(db, onCommit, onError);
  const cipher = createCipher(loadKeys(db, keyFile), () => db.inTransaction);
  const sandboxes = createSandboxes(session, cipher);
  const audit = createAudit(session);
  const jobs = createJobs(session, cipher, audit);
  const addresses = createAddresses(session);
  const webhooks = createWebhooks(session, cipher);

  return {
    transaction: (work) => session.transaction(work),
    grouped: (work) => session.grouped(work),
    sandboxes,
    audit,
    addresses,
    apiKeys: createApiKeys(session),
    jobs,
    jobFigures: createJobFigures(session),
    starts: createStarts(session, jobs, sandboxes),
    pressure: createPressure(session),
    quotas: createQuotas(session),
    disk: createDisk(session),
    events: createEvents(session),
    feed: createFeed(session),
    warmPool: createWarmPool(session, addresses),
    workspaces: createWorkspaceRows(session, cipher, sandboxes),
    findings: createFindings(session, audit),
    services: createServices(session, cipher),
    agentSessions: createAgentSessions(session),
    idempotency: createIdempotency(session, cipher),
    samples: createSamples(session),
    workers: createWorkers(session),
    webhooks,
    deliveries: createDeliveries(session, jobs, webhooks),
    ...createTrim(db, path),
    check() {
      db.prepare('SELECT COUNT(*) FROM workers').get();
    },
    close() {
      db.close();
    },
  };
}
