/**
 * Who did what. Rows are only ever added: none can be changed or replaced, and none that is younger than an hour can be deleted,
 * which leaves room for trimming alone. In the order of their ids, which is that of time. What a tenant asks for is found by indexes
 * that begin with it: how many rows others have is to cost it nothing, and to tell it nothing.
 */
export const AUDIT = `
CREATE TABLE audit (
  id TEXT PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,
  tenant TEXT,
  action TEXT NOT NULL,
  target_kind TEXT,
  target_id TEXT,
  source TEXT,
  request_id TEXT,
  job_id TEXT,
  outcome TEXT NOT NULL,
  code TEXT,
  detail TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_tenant ON audit (tenant, id);
CREATE INDEX audit_actor ON audit (actor, id);
CREATE INDEX audit_action ON audit (action, id);
CREATE INDEX audit_target ON audit (target_id, id);
CREATE INDEX audit_own_actor ON audit (tenant, actor, id);
CREATE INDEX audit_own_action ON audit (tenant, action, id);
CREATE INDEX audit_own_target ON audit (tenant, target_id, id);

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id) BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
WHEN OLD.at_ms > (unixepoch() - 3600) * 1000 BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;
`;
