import Database from 'better-sqlite3';
import { z } from 'zod';

const eventSchema = z.object({
  seq: z.number(),
  sandbox_id: z.string(),
  job_id: z.string().nullable(),
  type: z.string(),
  data: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(
      z.looseObject({
        status: z.string().optional(),
        to: z.string().optional(),
        reason: z.string().optional(),
        actor: z.string().optional(),
      }),
    ),
  at: z.number(),
});
export type LogEvent = z.output<typeof eventSchema>;

const jobSchema = z.object({
  rowid: z.number(),
  id: z.string(),
  sandbox_id: z.string(),
  kind: z.string(),
  status: z.string(),
  requested_by: z.string(),
  result: z.string().nullable(),
  started_at: z.number().nullable(),
});
export type LogJob = z.output<typeof jobSchema>;

/** The end of SQLite's log: states, findings, jobs and their ends after an event, and the jobs that these are about. */
export interface Log {
  readonly after: number;
  readonly events: readonly LogEvent[];
  readonly jobs: ReadonlyMap<string, LogJob>;
}

export function readLog(database: string, after: number): Log {
  return reading(database, (db) => {
    const events = z.array(eventSchema).parse(
      db
        .prepare(
          `SELECT seq, sandbox_id, job_id, type, data, at FROM events
             WHERE seq > ? AND type IN ('state', 'job', 'finding', 'done') ORDER BY seq`,
        )
        .all(after),
    );
    const byId = db.prepare(
      `SELECT rowid, id, sandbox_id, kind, status, requested_by, result, started_at FROM jobs WHERE id = ?`,
    );
    const ids = new Set(events.flatMap(({ job_id }) => job_id ?? []));
    const jobs = [...ids].flatMap((id) => {
      const row = jobSchema.safeParse(byId.get(id)).data;
      return row === undefined ? [] : [[id, row] as const];
    });
    return {
      after,
      events,
      jobs: new Map(jobs),
    };
  });
}

/** What is not at rest yet, as words; empty when it is. */
export function unrest(database: string): readonly string[] {
  return reading(database, (db) =>
    z.array(z.string()).parse(
      db
        .prepare(
          `SELECT kind || ' ' || id || ' of ' || sandbox_id || ' is ' || status FROM jobs WHERE status IN ('queued', 'running')
             UNION ALL SELECT 'sandbox ' || id || ' is ' || state FROM sandboxes
             WHERE state NOT IN ('running', 'stopped', 'error', 'deleted') OR reserved_mb > 0`,
        )
        .pluck()
        .all(),
    ),
  );
}

/** Ids of sandboxes that are not deleted. */
export function livingSandboxes(database: string): readonly string[] {
  return reading(database, (db) =>
    z
      .array(z.string())
      .parse(
        db
          .prepare(`SELECT id FROM sandboxes WHERE state <> 'deleted'`)
          .pluck()
          .all(),
      ),
  );
}

/** The last events of a sandbox, of any type, as lines. */
export function lastEvents(
  database: string,
  sandboxId: string,
  count: number,
): readonly string[] {
  const rows = reading(database, (db) =>
    z.array(eventSchema).parse(
      db
        .prepare(
          `SELECT seq, sandbox_id, job_id, type, substr(data, 1, 4000) AS data, at FROM events
             WHERE sandbox_id = ? AND length(data) < 4000 ORDER BY seq DESC LIMIT ?`,
        )
        .all(sandboxId, count),
    ),
  );
  return rows
    .reverse()
    .map(
      ({ seq, job_id, type, data, at }) =>
        `${new Date(at).toISOString().slice(11, 23)} ${seq} ${job_id ?? '-'} ${type} ${JSON.stringify(data).slice(0, 220)}`,
    );
}

function reading<T>(path: string, read: (db: Database.Database) => T): T {
  const db = new Database(path, { readonly: true, timeout: 10_000 });
  try {
    return db.transaction(() => read(db))();
  } finally {
    db.close();
  }
}
