/**
 * What sandboxes have on disk as last measured, when that is measured again (null: nothing changes it), and how close to the limit
 * that is; the host's room (one row). The sandbox's log holds `disk` events too.
 */
export const DISK = `
CREATE TABLE disk_use (
  sandbox_id TEXT PRIMARY KEY,
  bytes INTEGER NOT NULL,
  files INTEGER NOT NULL,
  grown_bytes INTEGER NOT NULL DEFAULT 0,
  grown_files INTEGER NOT NULL DEFAULT 0,
  cost_ms INTEGER NOT NULL DEFAULT 0,
  measured_at INTEGER,
  due_at INTEGER,
  level TEXT NOT NULL DEFAULT 'ok',
  full_since INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX disk_use_due ON disk_use (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE disk_space (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  short_since INTEGER,
  free_mb INTEGER NOT NULL,
  total_mb INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;

DROP INDEX events_sandbox;
CREATE INDEX events_sandbox ON events (sandbox_id, seq) WHERE type IN ('state', 'job', 'finding', 'disk');
`;
