/**
 * What reconciling found: `findings` remembers what was told, so that it is told once, `finding_counts` is the metric.
 * The sandbox's log holds findings too.
 */
export const FINDINGS = `
CREATE TABLE findings (
  subject TEXT NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  at INTEGER NOT NULL,
  closed_at INTEGER,
  PRIMARY KEY (subject, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX findings_closed ON findings (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE finding_counts (
  kind TEXT PRIMARY KEY,
  n INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

DROP INDEX events_sandbox;
CREATE INDEX events_sandbox ON events (sandbox_id, seq) WHERE type IN ('state', 'job', 'finding');
`;
