/** What tenants may have where it is not the default; indexes by which what they have is counted without reading a row. */
export const QUOTAS = `
CREATE TABLE quotas (
  tenant TEXT PRIMARY KEY,
  overrides TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sandboxes_use ON sandboxes
  (tenant, state, has_workspace, json_extract(limits, '$.memory_mb'), json_extract(limits, '$.disk_mb'));
CREATE INDEX jobs_use ON jobs (kind, sandbox_id) WHERE status IN ('queued', 'running');
`;
