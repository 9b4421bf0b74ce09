import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { eventRecordSchema } from '@sandboxed/domain';
import type { EventRecord } from '@sandboxed/domain';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { docker } from '../own-stack/docker.ts';

const jobSchema = z.object({
  id: z.string(),
  sandbox_id: z.string(),
  kind: z.string(),
  class: z.string(),
  status: z.string(),
  result: z.string().nullable(),
  error: z.string().nullable(),
  finished_at: z.number().nullable(),
});
export type JobRow = z.output<typeof jobSchema>;

const sandboxSchema = z.object({
  id: z.string(),
  state: z.string(),
  has_workspace: z.number(),
  reserved_mb: z.number(),
  /** JSON. */
  ports: z.string(),
});
export type SandboxRow = z.output<typeof sandboxSchema>;

const containerSchema = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
});

const memberSchema = z.object({ id: z.string(), state: z.string() });

/** SQLite, the Engine and the disk at about one moment. */
export interface Snapshot {
  readonly jobs: ReadonlyMap<string, JobRow>;
  readonly sandboxes: ReadonlyMap<string, SandboxRow>;
  /** The warm pool. */
  readonly members: ReadonlyMap<string, z.output<typeof memberSchema>>;
  /** By job id, oldest first; what a stream of that job shows. */
  readonly eventsOfJob: ReadonlyMap<string, readonly EventRecord[]>;
  /** Changes of state by sandbox id, oldest first. */
  readonly statesOf: ReadonlyMap<string, readonly EventRecord[]>;
  readonly containers: readonly z.output<typeof containerSchema>[];
  /** Names in these directories of the data directory. */
  readonly workspaces: readonly string[];
  readonly runDirs: readonly string[];
  readonly trash: readonly string[];
  readonly gates: readonly string[];
  readonly routes: readonly string[];
}

/** Rows up to here were looked at before. */
export interface Since {
  readonly jobRow: number;
  readonly eventSeq: number;
}

/** The newest rows there are. */
export function newest(database: string): Since {
  const db = new Database(database, { readonly: true, timeout: 10_000 });
  try {
    const max = (sql: string): number => Number(db.prepare(sql).pluck().get());
    return {
      jobRow: max('SELECT COALESCE(MAX(rowid), 0) FROM jobs'),
      eventSeq: max('SELECT COALESCE(MAX(seq), 0) FROM events'),
    };
  } finally {
    db.close();
  }
}

export async function takeSnapshot(place: {
  readonly database: string;
  readonly dataDir: string;
  readonly instance: string;
  readonly since?: Since;
}): Promise<Snapshot> {
  const names = async (directory: string): Promise<string[]> =>
    readdir(join(place.dataDir, directory)).catch(() => []);
  // What Docker and the disk have is read first: what is written meanwhile shows as unfinished work, and is looked at again.
  const containers = await containersOf(place.instance);
  const [workspaces, runDirs, trash, edge] = await Promise.all(
    ['workspaces', 'run', 'trash', 'edge'].map(names),
  );
  return {
    ...readDatabase(place.database, place.since ?? { jobRow: 0, eventSeq: 0 }),
    containers,
    workspaces: workspaces ?? [],
    runDirs: runDirs ?? [],
    trash: trash ?? [],
    gates: (edge ?? []).filter((name) => name.startsWith('gate-')),
    routes: (edge ?? []).filter((name) => name.startsWith('route-')),
  };
}

function readDatabase(
  path: string,
  since: Since,
): Pick<
  Snapshot,
  'jobs' | 'sandboxes' | 'members' | 'eventsOfJob' | 'statesOf'
> {
  const db = new Database(path, { readonly: true, timeout: 10_000 });
  try {
    return db.transaction(() => {
      const all = <T>(schema: z.ZodType<T>, sql: string): T[] =>
        z.array(schema).parse(db.prepare(sql).all());
      const events = all(
        z.record(z.string(), z.unknown()),
        `SELECT * FROM events WHERE seq > ${since.eventSeq} ORDER BY seq`,
      ).map((row) =>
        eventRecordSchema.parse({
          ...row,
          data: JSON.parse(String(row['data'])) as unknown,
        }),
      );
      const shown = events.filter(
        ({ type, job_id }) =>
          job_id !== null && type !== 'state' && type !== 'job',
      );
      return {
        jobs: byId(
          all(
            jobSchema,
            `SELECT * FROM jobs WHERE rowid > ${since.jobRow} ORDER BY rowid`,
          ),
        ),
        sandboxes: byId(all(sandboxSchema, 'SELECT * FROM sandboxes')),
        members: byId(all(memberSchema, 'SELECT id, state FROM warm_pool')),
        eventsOfJob: Map.groupBy(shown, ({ job_id }) => job_id ?? ''),
        statesOf: Map.groupBy(
          events.filter(({ type }) => type === 'state'),
          ({ sandbox_id }) => sandbox_id,
        ),
      };
    })();
  } finally {
    db.close();
  }
}

async function containersOf(
  instance: string,
): Promise<z.output<typeof containerSchema>[]> {
  const lines = await docker(
    ...['ps', '--all', '--no-trunc'],
    ...['--filter', `label=sandboxed.instance=${instance}`],
    ...['--filter', 'label=sandboxed.id'],
    ...[
      '--format',
      '{"id":{{json (.Label "sandboxed.id")}},"name":{{json .Names}},"state":{{json .State}}}',
    ],
  );
  return lines.map((line) => containerSchema.parse(JSON.parse(line)));
}

function byId<T extends { readonly id: string }>(rows: readonly T[]) {
  return new Map(rows.map((row) => [row.id, row]));
}
