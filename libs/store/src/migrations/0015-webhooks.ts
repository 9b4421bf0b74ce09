/**
 * Webhooks and their deliveries. Events are the outbox: `webhook_cursor` (one row) says up to which number they have become
 * deliveries; a webhook hears of those after its `after_seq` alone. A claim moves `next_at` to when it counts as lost.
 */
export const WEBHOOKS = `
CREATE TABLE webhooks (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  url TEXT NOT NULL,
  events TEXT NOT NULL,
  description TEXT NOT NULL,
  secrets_sealed BLOB NOT NULL,
  made_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  after_seq INTEGER NOT NULL,
  disabled_reason TEXT,
  disabled_at INTEGER,
  failing_since INTEGER,
  last_success_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX webhooks_tenant ON webhooks (tenant, id);

CREATE TABLE webhook_cursor (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seq INTEGER NOT NULL
) STRICT;
INSERT INTO webhook_cursor (id, seq) VALUES (1, 0);

CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY,
  webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  status TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  response_status INTEGER,
  duration_ms INTEGER,
  error TEXT
) STRICT;
CREATE INDEX webhook_deliveries_own ON webhook_deliveries (webhook_id, id DESC);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_at) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE webhook_attempts (
  outcome TEXT PRIMARY KEY,
  n INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
