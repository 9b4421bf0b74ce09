import Database from 'better-sqlite3';
import { encodeTime } from 'ulid';
import type { temporary } from './open.ts';

/** Of them in a database of any size: what costs more with more of these is not looked at. */
const RUNNING = 50;
const UNFINISHED = 20;
const TENANTS = 10;
const JOBS_PER_SANDBOX = 10;

/** Time of the newest row of {@link fill}. Milliseconds since the epoch. */
export const FILLED_AT = 1_800_000_000_000;

/** The ULID of the n-th row; rows of different tables have different `kind`s. */
export const manyId = (kind: 'S' | 'J' | 'A', n: number): string =>
  `${encodeTime(FILLED_AT - 86_400_000, 10)}${kind}${String(n).padStart(15, '0')}`;

const id = (kind: 'S' | 'J' | 'A', n: string): string =>
  `'${encodeTime(FILLED_AT - 86_400_000, 10)}${kind}' || printf('%015d', ${n})`;
const upTo = (end: number, from = 0): string =>
  `WITH RECURSIVE c(n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM c WHERE n + 1 < ${end})`;
/** Times of so many rows, over a day. */
const at = (n: string, of: number): string =>
  `${FILLED_AT} - CAST((${of} - ${n}) * (86400000.0 / ${of}) AS INTEGER)`;

const insertSandboxes = (from: number, end: number, running: number): string =>
  `${upTo(end, from)}
    INSERT INTO sandboxes (id, tenant, name, state, state_reason, state_actor, image, ports, env_names, env_sealed, labels, limits,
      idle_policy, idle_timeout_seconds, visibility, wake, egress, external, generation, version, has_workspace, reserved_mb,
      created_at, updated_at, last_active_at, stopped_at)
    SELECT ${id('S', 'n')}, 'tenant-' || (n % ${TENANTS}), 'app ' || n, iif(n < ${running}, 'running', 'stopped'), 'idle', 'reaper:idle', 'image',
      '[3000]', '[]', x'00', json_object('team', 'team-' || (n % 10), 'only', 'n' || n),
      '{"memory_mb":2048,"cpus":2,"pids":1024,"disk_mb":10240}', 'sleep', 60, 'public', 'on_request', 'open',
      json_object('user_id', 'user-' || (n / 10), 'project_id', 'project-' || (n / 5)), 1, 1, 1, 0,
      ${at('n', end)}, ${FILLED_AT}, ${FILLED_AT} - iif(n % 5 = 0, 3600000, 0), iif(n < ${running}, NULL, ${FILLED_AT})
    FROM c`;

/** Adds rows number `from` to below `end` of sandboxes that sleep to a database in use. */
export function addSleeping(path: string, from: number, end: number): void {
  if (end <= from) return;
  const db = new Database(path, { timeout: 5_000 });
  try {
    db.exec(insertSandboxes(from, end, 0));
  } finally {
    db.close();
  }
}

/**
 * A database of so many sandboxes, ten jobs each, and so many events spread over those jobs, by SQL in one transaction: fifty run, all
 * others sleep; the newest twenty jobs are queued. Behind the store's back, which made the schema.
 */
export function fill(
  place: ReturnType<typeof temporary>,
  size: { readonly sandboxes: number; readonly events: number },
): void {
  const store = place.open();
  store.check();
  const db = new Database(place.path);
  const jobs = size.sandboxes * JOBS_PER_SANDBOX;
  try {
    db.pragma('synchronous = OFF');
    db.transaction(() => {
      db.exec(insertSandboxes(0, size.sandboxes, RUNNING));
      db.exec(`${upTo(jobs)}
        INSERT INTO jobs (id, sandbox_id, kind, class, status, payload, requested_by, attempts, fence, result, created_at, started_at, finished_at)
        SELECT ${id('J', 'n')}, ${id('S', `n % ${size.sandboxes}`)}, iif(n % 10 = 0, 'start', 'exec'), iif(n % 10 = 0, 'lifecycle', 'exec'),
          iif(n >= ${jobs - UNFINISHED}, 'queued', iif(n % 100 = 1, 'failed', 'succeeded')),
          iif(n % 10 = 0, '{}', '{"shell":"true","timeout_seconds":null,"background":false}'), 'api:open', 1, 1, '{"exit_code":0}',
          ${at('n', jobs)}, ${at('n', jobs)}, iif(n >= ${jobs - UNFINISHED}, NULL, ${at('n', jobs)})
        FROM c`);
      // In the order of jobs, as they would have been written.
      const each = size.events / jobs;
      db.exec(`${upTo(size.events)}
        INSERT INTO events (sandbox_id, job_id, type, data, at)
        SELECT ${id('S', `CAST(n / ${each} AS INTEGER) % ${size.sandboxes}`)}, ${id('J', `CAST(n / ${each} AS INTEGER)`)},
          CASE n % 10 WHEN 0 THEN 'job' WHEN 1 THEN 'status' WHEN 7 THEN 'job' WHEN 8 THEN 'status' WHEN 9 THEN 'done' ELSE 'stdout' END,
          CASE n % 10 WHEN 0 THEN '{"kind":"exec","status":"queued","requested_by":"api:open"}' WHEN 7 THEN '{"kind":"exec","status":"succeeded","requested_by":"api:open"}'
            WHEN 1 THEN '{"status":"queued"}' WHEN 8 THEN '{"status":"running"}' WHEN 9 THEN '{"status":"succeeded","result":{}}'
            ELSE '{"text":"a line of output","offset":' || n || '}' END,
          ${at('n', size.events)}
        FROM c`);
      db.exec(`${upTo(jobs)}
        INSERT INTO audit (id, at_ms, actor, tenant, action, target_kind, target_id, job_id, outcome, detail)
        SELECT ${id('A', 'n')}, ${at('n', jobs)}, 'api:open', 'tenant-' || (n % ${TENANTS}), 'job.exec', 'sandbox', ${id('S', `n % ${size.sandboxes}`)},
          ${id('J', 'n')}, 'succeeded', '{}' FROM c`);
      db.exec(`INSERT INTO disk_use (sandbox_id, bytes, files, cost_ms, measured_at, due_at)
        SELECT id, 1048576, 100, 5, ${FILLED_AT}, iif(state = 'running', ${FILLED_AT} + 60000, NULL) FROM sandboxes`);
      db.exec(
        `INSERT INTO addresses (sandbox_id, address) SELECT id, 2886860800 + rowid FROM sandboxes`,
      );
      db.exec(`INSERT INTO samples (sandbox_id, sample)
        SELECT id, '{"at":${FILLED_AT},"cpuNanos":1,"networkBytes":1,"memoryBytes":30000000,"cpuPercent":0,"processes":5}' FROM sandboxes WHERE state = 'running'`);
    })();
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}
