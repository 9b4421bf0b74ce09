import type { Database } from 'better-sqlite3';
import type { JobId, Letter, SandboxId } from '@sandboxed/domain';
import { runnable } from '@sandboxed/domain';
import { z } from 'zod';
import { toLetter } from './rows.ts';

/** Unfinished jobs of sandboxes. */
export interface Mailbox {
  /** All, oldest first. */
  readonly letters: (id: SandboxId) => readonly Letter[];
  /** Those that others may have to wait for, oldest first. Without any, all may run: commands beside each other are many. */
  readonly barriers: (id: SandboxId) => readonly Letter[];
  readonly count: (id: SandboxId) => number;
  /** Whether a queued job's turn has come. */
  readonly isFree: (id: SandboxId, job: JobId) => boolean;
}

const countSchema = z.int();

/** The mailboxes on one connection. The index is named: SQLite takes that of all jobs a sandbox ever had for as good. */
export function createMailbox(db: Database): Mailbox {
  const all = db.prepare<[string]>(
    `SELECT id, kind, status FROM jobs INDEXED BY jobs_mailbox
     WHERE sandbox_id = ? AND status IN ('queued', 'running') ORDER BY rowid`,
  );
  const few = db.prepare<[string]>(
    `SELECT id, kind, status FROM jobs INDEXED BY jobs_barriers
     WHERE sandbox_id = ? AND status IN ('queued', 'running') AND class <> 'exec' ORDER BY rowid`,
  );
  const count = db
    .prepare<[string]>(
      `SELECT COUNT(*) FROM jobs INDEXED BY jobs_mailbox WHERE sandbox_id = ? AND status IN ('queued', 'running')`,
    )
    .pluck();

  const letters = (id: SandboxId): readonly Letter[] =>
    all.all(id).map(toLetter);
  const barriers = (id: SandboxId): readonly Letter[] =>
    few.all(id).map(toLetter);
  return {
    letters,
    barriers,
    count: (id) => countSchema.parse(count.get(id)),
    isFree: (id, job) =>
      barriers(id).length === 0 || runnable(letters(id)).includes(job),
  };
}
