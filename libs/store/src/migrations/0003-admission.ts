/**
 * Whose a sandbox is; starts that wait for memory and whose turn was when; how short of memory the host is (one row). Sandboxes
 * from before belong to `open`.
 */
export const ADMISSION = `
ALTER TABLE sandboxes ADD COLUMN tenant TEXT NOT NULL DEFAULT 'open';
CREATE INDEX sandboxes_quiet ON sandboxes (last_active_at) WHERE state = 'running' AND idle_policy = 'sleep';

CREATE TABLE start_queue (
  job_id TEXT PRIMARY KEY,
  sandbox_id TEXT NOT NULL,
  tenant TEXT NOT NULL,
  cost_mb INTEGER NOT NULL,
  waiting_since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX start_queue_oldest ON start_queue (waiting_since, job_id);

CREATE TABLE start_turns (
  tenant TEXT PRIMARY KEY,
  turn INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pressure (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  band TEXT NOT NULL,
  available_mb INTEGER NOT NULL,
  total_mb INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
`;
