/**
 * Pages of lists cost the same however many rows there are: jobs know whose they are, and each filter has an index in the order of its
 * list. What most jobs are (an `exec` that succeeded) is in none of the partial ones. `job_ends` counts finished jobs as they end
 * and are trimmed; unfinished ones are few and counted when asked. Who may be close to a limit of disk is found by what is used alone.
 */
export const LARGE_LISTS = `
ALTER TABLE jobs ADD COLUMN tenant TEXT NOT NULL DEFAULT 'open';
UPDATE jobs SET tenant = COALESCE((SELECT tenant FROM sandboxes WHERE sandboxes.id = sandbox_id), 'open');
CREATE INDEX jobs_own ON jobs (tenant, id DESC);
CREATE INDEX jobs_unusual ON jobs (kind, id DESC) WHERE kind <> 'exec';
CREATE INDEX jobs_sandbox_unusual ON jobs (sandbox_id, kind, id DESC) WHERE kind <> 'exec';
CREATE INDEX jobs_unsuccessful ON jobs (status, id DESC) WHERE status IN ('failed', 'cancelled');

CREATE TABLE job_ends (
  status TEXT PRIMARY KEY,
  n INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO job_ends SELECT column1, (SELECT COUNT(*) FROM jobs WHERE status = column1)
  FROM (VALUES ('succeeded'), ('failed'), ('cancelled'));
CREATE TRIGGER job_ends_update AFTER UPDATE OF status ON jobs WHEN OLD.status <> NEW.status BEGIN
  UPDATE job_ends SET n = n + (status = NEW.status) - (status = OLD.status) WHERE status IN (OLD.status, NEW.status);
END;
CREATE TRIGGER job_ends_insert AFTER INSERT ON jobs WHEN NEW.status NOT IN ('queued', 'running') BEGIN
  UPDATE job_ends SET n = n + 1 WHERE status = NEW.status;
END;
CREATE TRIGGER job_ends_delete AFTER DELETE ON jobs WHEN OLD.status NOT IN ('queued', 'running') BEGIN
  UPDATE job_ends SET n = n - 1 WHERE status = OLD.status;
END;

DROP INDEX sandboxes_state;
CREATE INDEX sandboxes_state ON sandboxes (state, created_at DESC, id DESC);
CREATE INDEX sandboxes_own_state ON sandboxes (tenant, state, created_at DESC, id DESC);

CREATE INDEX disk_use_off ON disk_use (level) WHERE level <> 'ok' OR full_since IS NOT NULL OR files >= 40000;
CREATE INDEX disk_use_bytes ON disk_use (bytes, files);
CREATE INDEX sandboxes_disk ON sandboxes (json_extract(limits, '$.disk_mb')) WHERE state <> 'deleted';
`;
