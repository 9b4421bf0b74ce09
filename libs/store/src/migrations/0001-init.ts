/** The first schema. JSON columns are text; times are milliseconds since the epoch; sealed columns are encrypted. */
export const INIT = `
CREATE TABLE sandboxes (
  id TEXT PRIMARY KEY,
  name TEXT,
  state TEXT NOT NULL,
  state_reason TEXT NOT NULL,
  state_actor TEXT NOT NULL,
  error_code TEXT,
  error_message TEXT,
  image TEXT NOT NULL,
  template TEXT,
  ports TEXT NOT NULL,
  env_names TEXT NOT NULL,
  env_sealed BLOB NOT NULL,
  labels TEXT NOT NULL,
  limits TEXT NOT NULL,
  idle_policy TEXT NOT NULL,
  idle_timeout_seconds INTEGER NOT NULL,
  visibility TEXT NOT NULL,
  wake TEXT NOT NULL,
  egress TEXT NOT NULL,
  external TEXT NOT NULL,
  generation INTEGER NOT NULL,
  version INTEGER NOT NULL,
  has_workspace INTEGER NOT NULL,
  reserved_mb INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  last_active_at INTEGER NOT NULL,
  keepalive_until INTEGER,
  stopped_at INTEGER
) STRICT;
CREATE INDEX sandboxes_newest ON sandboxes (created_at DESC, id DESC) WHERE state <> 'deleted';
CREATE INDEX sandboxes_state ON sandboxes (state);
CREATE INDEX sandboxes_idle ON sandboxes (last_active_at + idle_timeout_seconds * 1000)
  WHERE state = 'running' AND idle_policy = 'sleep';
CREATE INDEX sandboxes_reserved ON sandboxes (reserved_mb) WHERE reserved_mb > 0;
CREATE INDEX sandboxes_user ON sandboxes (json_extract(external, '$.user_id'), created_at DESC);
CREATE INDEX sandboxes_project ON sandboxes (json_extract(external, '$.project_id'), created_at DESC);

CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  sandbox_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  class TEXT NOT NULL,
  status TEXT NOT NULL,
  payload TEXT NOT NULL,
  secret_sealed BLOB,
  requested_by TEXT NOT NULL,
  request_id TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  fence INTEGER NOT NULL DEFAULT 0,
  worker_id TEXT,
  lease_until INTEGER,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  result TEXT,
  error TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER
) STRICT;
CREATE INDEX jobs_mailbox ON jobs (sandbox_id, id) WHERE status IN ('queued', 'running');
CREATE INDEX jobs_unfinished ON jobs (id) WHERE status IN ('queued', 'running');
CREATE INDEX jobs_sandbox ON jobs (sandbox_id, id DESC);
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  sandbox_id TEXT NOT NULL,
  job_id TEXT,
  type TEXT NOT NULL,
  data TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX events_job ON events (job_id, seq) WHERE type NOT IN ('state', 'job');
CREATE INDEX events_sandbox ON events (sandbox_id, seq) WHERE type IN ('state', 'job');
CREATE INDEX events_at ON events (at);

CREATE TABLE services (
  sandbox_id TEXT NOT NULL,
  name TEXT NOT NULL,
  spec_sealed BLOB NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (sandbox_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
  owner TEXT NOT NULL,
  key TEXT NOT NULL,
  response TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency (at);

CREATE TABLE samples (
  sandbox_id TEXT PRIMARY KEY,
  sample TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE workers (
  id TEXT PRIMARY KEY,
  status TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
