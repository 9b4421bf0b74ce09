/**
 * What tenants may have where it is not the default; indexes by which what they have is counted. `sandboxes_own` is for a tenant's list:
 * SQLite would else take `sandboxes_use` for it, and sort all of them for each page.
 */
export const QUOTAS = `
CREATE TABLE quotas (
  tenant TEXT PRIMARY KEY,
  overrides TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sandboxes_use ON sandboxes
  (tenant, state, has_workspace, json_extract(limits, '$.memory_mb'), json_extract(limits, '$.disk_mb'));
CREATE INDEX sandboxes_own ON sandboxes (tenant, created_at DESC, id DESC) WHERE state <> 'deleted';
CREATE INDEX jobs_use ON jobs (kind, sandbox_id) WHERE status IN ('queued', 'running');
`;
