import type {
  DiskLevel,
  DiskUse,
  Filler,
  SandboxId,
  SandboxRecord,
} from '@sandboxed/domain';
import { DISK_ACTOR, DISK_LEVELS, sandboxIdSchema } from '@sandboxed/domain';
import { z } from 'zod';
import { toSandbox } from './rows.ts';
import type { Session } from './session.ts';

/** Who measures a sandbox has it for so long; then it is anybody's again. Longer than any measurement. Milliseconds. */
const MEASURING_MS = 180_000;
/** So much sooner is the turn of those close to their limit. No more: many of them, large ones, would let nobody else be measured. Milliseconds. */
const START_MS = 30_000;

/** What one sandbox has on disk: measured, and since then written through the API. Times in ms; null: not yet, or not. */
export interface DiskRow extends DiskUse {
  readonly grown: DiskUse;
  readonly costMs: number;
  readonly measuredAt: number | null;
  readonly level: DiskLevel;
  readonly fullSince: number | null;
}

/** The data directory's file system, as the reaper last read it. */
export interface DiskReading {
  /** Since when it is short of room; null when it is not. */
  readonly shortSince: number | null;
  readonly freeMb: number;
  readonly totalMb: number;
  readonly at: number;
}

/** A sandbox that somebody is about to measure. */
export interface DiskTurn {
  readonly id: SandboxId;
  readonly until: number;
}

/** What sandboxes have on disk. Rows outlive a delete, and go with the workspace. */
export interface Disk {
  get(id: SandboxId): DiskRow | undefined;
  /** Of all sandboxes, deleted ones with a workspace too, or of one tenant's: the one place that sums them up. */
  total(tenant?: string): DiskUse;
  /** How many are at each level. */
  countByLevel(): Readonly<Record<DiskLevel, number>>;
  /** Makes running sandboxes due that nobody would measure. */
  enroll(now: number): void;
  /** Takes the sandbox that has been due for longest, those close to their limit with a start. Undefined: none is due. */
  take(now: number): DiskTurn | undefined;
  /** Writes a measurement down. `dueAt` null: not again until something changes it. Nothing for a workspace that is gone. */
  put(
    turn: DiskTurn,
    measured: DiskUse & {
      readonly costMs: number;
      readonly at: number;
      readonly dueAt: number | null;
    },
  ): void;
  /** Adds what was written through the API, and makes the sandbox due. Nothing for a workspace that is gone. */
  add(id: SandboxId, written: DiskUse, now: number): void;
  /** Measured no later than `at`. */
  hasten(id: SandboxId, at: number): void;
  /** All running sandboxes are due now. */
  hurry(now: number): void;
  /** Sandboxes close to a limit, or that were. */
  watched(): readonly {
    readonly sandbox: SandboxRecord;
    readonly row: DiskRow;
  }[];
  judge(id: SandboxId, level: DiskLevel, fullSince: number | null): void;
  /** Running sandboxes that were measured and that nobody is about to stop or delete. */
  fillers(): readonly Filler[];
  /** Stops for disk that are not done. */
  stopsUnderWay(): number;
  /** Undefined until the first reading. */
  space(): DiskReading | undefined;
  putSpace(reading: DiskReading): void;
}

const figures = {
  bytes: z.number(),
  files: z.number(),
  grown_bytes: z.number(),
  grown_files: z.number(),
  cost_ms: z.number(),
  measured_at: z.number().nullable(),
  level: z.enum(DISK_LEVELS),
  full_since: z.number().nullable(),
};
const rowSchema = z.object(figures).transform((row): DiskRow => ({
  bytes: row.bytes,
  files: row.files,
  grown: { bytes: row.grown_bytes, files: row.grown_files },
  costMs: row.cost_ms,
  measuredAt: row.measured_at,
  level: row.level,
  fullSince: row.full_since,
}));
const useSchema = z.object({ bytes: z.number(), files: z.number() });
const spaceSchema = z
  .object({
    short_since: z.number().nullable(),
    free_mb: z.number(),
    total_mb: z.number(),
    at: z.number(),
  })
  .transform((row): DiskReading => ({
    shortSince: row.short_since,
    freeMb: row.free_mb,
    totalMb: row.total_mb,
    at: row.at,
  }));

/** The two records of one row of a join. */
function split(raw: unknown): {
  sandbox: SandboxRecord;
  row: DiskRow;
  cpuPercent: number;
} {
  const all = z
    .looseObject({ ...figures, cpu_percent: z.number().default(0) })
    .parse(raw);
  const sandbox: Record<string, unknown> = { ...all };
  for (const name of [...Object.keys(figures), 'cpu_percent'])
    Reflect.deleteProperty(sandbox, name);
  return {
    sandbox: toSandbox(sandbox),
    row: rowSchema.parse(all),
    cpuPercent: all.cpu_percent,
  };
}

const FIGURES = Object.keys(figures)
  .map((name) => `disk_use.${name}`)
  .join(', ');
/** Below the share and the files at which a sandbox can be close to its limit, see `DISK_SHARES` and `diskLimit`. */
const CLOSE_SHARE = 0.85;
/** Condition of the index `disk_use_off`, letter by letter: it is not used for another spelling. */
const OFF = "level <> 'ok' OR full_since IS NOT NULL OR files >= 40000";
const LIMIT_MB = "json_extract(limits, '$.disk_mb')";
/** Of all these few those that are close to their own limit are taken: those that have less than the least limit are not looked at. */
export const WATCHED = `WITH near AS (
    SELECT sandbox_id AS id FROM disk_use INDEXED BY disk_use_off WHERE ${OFF}
    UNION SELECT sandbox_id FROM disk_use INDEXED BY disk_use_bytes WHERE bytes >= ${CLOSE_SHARE} * 1048576 *
      (SELECT MIN(${LIMIT_MB}) FROM sandboxes INDEXED BY sandboxes_disk WHERE state <> 'deleted'))
  SELECT sandboxes.*, ${FIGURES} FROM near CROSS JOIN disk_use ON disk_use.sandbox_id = near.id
    CROSS JOIN sandboxes ON sandboxes.id = near.id
  WHERE state <> 'deleted' AND (${OFF} OR bytes >= ${LIMIT_MB} * 1048576 * ${CLOSE_SHARE})`;

/** Disk on one connection. */
export function createDisk(session: Session): Disk {
  const { db } = session;
  const get = db.prepare<[string]>(
    'SELECT * FROM disk_use WHERE sandbox_id = ?',
  );
  const sums =
    'SELECT COALESCE(SUM(bytes), 0) AS bytes, COALESCE(SUM(files), 0) AS files FROM disk_use';
  const total = db.prepare(`${sums} INDEXED BY disk_use_bytes`);
  const own = db.prepare<[string]>(
    `${sums} JOIN sandboxes ON sandboxes.id = disk_use.sandbox_id WHERE tenant = ?`,
  );
  const rows = db.prepare('SELECT COUNT(*) FROM disk_use').pluck();
  const levels = db.prepare(
    `SELECT level, COUNT(*) AS n FROM disk_use INDEXED BY disk_use_off WHERE (${OFF}) AND level <> 'ok' GROUP BY level`,
  );
  const enroll = db.prepare<[{ now: number }]>(
    `INSERT INTO disk_use (sandbox_id, bytes, files, due_at)
     SELECT id, 0, 0, @now FROM sandboxes LEFT JOIN disk_use ON disk_use.sandbox_id = id
     WHERE state = 'running' AND due_at IS NULL
     ON CONFLICT (sandbox_id) DO UPDATE SET due_at = excluded.due_at`,
  );
  // What lies far ahead is from before the clock was set back.
  const due = db
    .prepare<[{ now: number; ahead: number }]>(
      `SELECT sandbox_id FROM disk_use WHERE due_at <= @now OR due_at > @ahead
       ORDER BY due_at - (level <> 'ok') * ${START_MS} LIMIT 1`,
    )
    .pluck();
  const turn = db.prepare<[number, string]>(
    'UPDATE disk_use SET due_at = ? WHERE sandbox_id = ?',
  );
  // What was written meanwhile has made it due again, and may not be counted yet.
  const put = db.prepare<[Record<string, unknown>]>(
    `UPDATE disk_use SET
       grown_bytes = CASE WHEN measured_at IS NULL THEN 0 ELSE MAX(0, @bytes - bytes) END,
       grown_files = CASE WHEN measured_at IS NULL THEN 0 ELSE MAX(0, @files - files) END,
       bytes = @bytes, files = @files, cost_ms = @costMs, measured_at = @at,
       due_at = CASE WHEN due_at = @until THEN @dueAt ELSE due_at END
     WHERE sandbox_id = @id`,
  );
  const add = db.prepare<[Record<string, unknown>]>(
    `INSERT INTO disk_use (sandbox_id, bytes, files, due_at)
     SELECT id, @bytes, @files, @now FROM sandboxes WHERE id = @id AND has_workspace = 1
     ON CONFLICT (sandbox_id) DO UPDATE SET bytes = bytes + @bytes, files = files + @files, due_at = @now`,
  );
  const hasten = db.prepare<[{ id: string; at: number }]>(
    'UPDATE disk_use SET due_at = @at WHERE sandbox_id = @id AND (due_at IS NULL OR due_at > @at)',
  );
  const hurry = db.prepare<[{ now: number }]>(
    `UPDATE disk_use SET due_at = @now WHERE due_at > @now
       AND sandbox_id IN (SELECT id FROM sandboxes WHERE state = 'running')`,
  );
  const watched = db.prepare(WATCHED);
  const judge = db.prepare<[string, number | null, string]>(
    'UPDATE disk_use SET level = ?, full_since = ? WHERE sandbox_id = ?',
  );
  const fillers = db.prepare(
    `SELECT sandboxes.*, ${FIGURES}, COALESCE(json_extract(samples.sample, '$.cpuPercent'), 0) AS cpu_percent
     FROM disk_use JOIN sandboxes ON sandboxes.id = disk_use.sandbox_id
     LEFT JOIN samples ON samples.sandbox_id = sandboxes.id
     WHERE state = 'running' AND measured_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM jobs INDEXED BY jobs_mailbox
       WHERE jobs.sandbox_id = sandboxes.id AND jobs.status IN ('queued', 'running') AND jobs.class = 'lifecycle')`,
  );
  const stops = db
    .prepare<[string]>(
      `SELECT COUNT(*) FROM jobs WHERE status IN ('queued', 'running') AND kind = 'stop' AND requested_by = ?`,
    )
    .pluck();
  const space = db.prepare('SELECT * FROM disk_space');
  const putSpace = db.prepare<[Record<string, unknown>]>(
    `INSERT OR REPLACE INTO disk_space (id, short_since, free_mb, total_mb, at)
     VALUES (1, @shortSince, @freeMb, @totalMb, @at)`,
  );
  return {
    get(id) {
      const raw = get.get(id);
      return raw === undefined ? undefined : rowSchema.parse(raw);
    },
    total: (tenant) =>
      useSchema.parse(tenant === undefined ? total.get() : own.get(tenant)),
    countByLevel() {
      const found = new Map(
        z
          .array(z.object({ level: z.enum(DISK_LEVELS), n: z.int() }))
          .parse(levels.all())
          .map(({ level, n }) => [level, n]),
      );
      const [high, full] = [found.get('high') ?? 0, found.get('full') ?? 0];
      return { ok: z.int().parse(rows.get()) - high - full, high, full };
    },
    enroll(now) {
      enroll.run({ now });
    },
    take: (now) =>
      session.transaction(() => {
        const id = due.get({ now, ahead: now + FAR_AHEAD_MS });
        if (id === undefined) return undefined;
        const until = now + MEASURING_MS;
        const mine = { id: sandboxIdSchema.parse(id), until };
        turn.run(until, mine.id);
        return mine;
      }),
    put({ id, until }, measured) {
      put.run({ ...measured, id, until });
    },
    add(id, written, now) {
      add.run({ ...written, id, now });
    },
    hasten(id, at) {
      hasten.run({ id, at });
    },
    hurry(now) {
      hurry.run({ now });
    },
    watched: () => watched.all().map(split),
    judge(id, level, fullSince) {
      judge.run(level, fullSince, id);
    },
    fillers: () =>
      fillers.all().map((raw) => {
        const { sandbox, row, cpuPercent } = split(raw);
        const { bytes, files, grown, measuredAt, fullSince } = row;
        return {
          ...{ sandbox, cpuPercent, bytes, files, grown, fullSince },
          measuredAt: measuredAt ?? 0,
        };
      }),
    stopsUnderWay: () => z.int().parse(stops.get(DISK_ACTOR)),
    space() {
      const raw = space.get();
      return raw === undefined ? undefined : spaceSchema.parse(raw);
    },
    putSpace(reading) {
      putSpace.run({
        ...reading,
        freeMb: Math.floor(reading.freeMb),
        totalMb: Math.floor(reading.totalMb),
      });
    },
  };
}

/** Beyond the longest time between two measurements. Milliseconds. */
const FAR_AHEAD_MS = 900_000;
