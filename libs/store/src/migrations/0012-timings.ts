/** Where the time of a job went, and the same of all jobs together, which outlives their rows and the workers. */
export const TIMINGS = `
ALTER TABLE jobs ADD COLUMN accept_ms REAL;
ALTER TABLE jobs ADD COLUMN timings TEXT;
CREATE TABLE job_figures (
  measure TEXT NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  counts TEXT NOT NULL,
  sum_seconds REAL NOT NULL,
  PRIMARY KEY (measure, kind, detail)
) STRICT, WITHOUT ROWID;
`;
