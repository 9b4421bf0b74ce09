import type { Heavy, MemoryBand, SandboxRecord } from '@sandboxed/domain';
import { MEMORY_BANDS, PRESSURE_ACTOR } from '@sandboxed/domain';
import { z } from 'zod';
import { toSandbox } from './rows.ts';
import type { Session } from './session.ts';

/** The host's memory as the reaper last read it, in MiB, and what that means. */
export interface MemoryReading {
  readonly band: MemoryBand;
  readonly availableMb: number;
  readonly totalMb: number;
  readonly at: number;
}

/** How short of memory the host is, and who could make room. */
export interface Pressure {
  /** Undefined until the first reading. */
  get(): MemoryReading | undefined;
  put(reading: MemoryReading): void;
  /** Stops for memory that are not done. */
  stopsUnderWay(): number;
  /** Running sandboxes without work that were not active since `since`, longest idle first; never those kept alive or always on. */
  idleSince(
    since: number,
    now: number,
    limit: number,
  ): readonly SandboxRecord[];
  /** All running sandboxes that nobody is about to stop or delete, with their memory. */
  running(): readonly Heavy[];
}

const readingSchema = z
  .strictObject({
    id: z.literal(1),
    band: z.enum(MEMORY_BANDS),
    available_mb: z.number(),
    total_mb: z.number(),
    at: z.number(),
  })
  .transform((row) => ({
    band: row.band,
    availableMb: row.available_mb,
    totalMb: row.total_mb,
    at: row.at,
  }));

const heavySchema = z
  .looseObject({ memory_bytes: z.number() })
  .transform(({ memory_bytes, ...row }) => ({
    sandbox: toSandbox(row),
    memoryBytes: memory_bytes,
  }));

const UNFINISHED = `SELECT 1 FROM jobs INDEXED BY jobs_mailbox WHERE jobs.sandbox_id = sandboxes.id AND jobs.status IN ('queued', 'running')`;

/** The host's memory on one connection. */
export function createPressure({ db }: Session): Pressure {
  const get = db.prepare('SELECT * FROM pressure');
  const put = db.prepare<[Record<string, unknown>]>(
    `INSERT OR REPLACE INTO pressure (id, band, available_mb, total_mb, at)
     VALUES (1, @band, @availableMb, @totalMb, @at)`,
  );
  const stops = db
    .prepare<[string]>(
      `SELECT COUNT(*) FROM jobs WHERE status IN ('queued', 'running') AND kind = 'stop' AND requested_by = ?`,
    )
    .pluck();
  const idle = db.prepare<[number, number, number]>(
    `SELECT * FROM sandboxes INDEXED BY sandboxes_quiet
     WHERE state = 'running' AND idle_policy = 'sleep' AND last_active_at <= ?
       AND (keepalive_until IS NULL OR keepalive_until <= ?) AND NOT EXISTS (${UNFINISHED})
     ORDER BY last_active_at LIMIT ?`,
  );
  const running = db.prepare(
    `SELECT sandboxes.*, COALESCE(json_extract(samples.sample, '$.memoryBytes'), 0) AS memory_bytes
     FROM sandboxes LEFT JOIN samples ON samples.sandbox_id = sandboxes.id
     WHERE state = 'running' AND NOT EXISTS (${UNFINISHED} AND jobs.class = 'lifecycle')`,
  );
  return {
    get() {
      const row = get.get();
      return row === undefined ? undefined : readingSchema.parse(row);
    },
    put(reading) {
      put.run({
        ...reading,
        availableMb: Math.floor(reading.availableMb),
        totalMb: Math.floor(reading.totalMb),
      });
    },
    stopsUnderWay: () => z.int().parse(stops.get(PRESSURE_ACTOR)),
    idleSince: (since, now, limit) =>
      idle.all(since, now, limit).map(toSandbox),
    running: () => running.all().map((row) => heavySchema.parse(row)),
  };
}
