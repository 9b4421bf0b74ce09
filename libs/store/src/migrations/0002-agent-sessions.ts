/** The last session of each coding agent in a sandbox, which its next task continues. */
export const AGENT_SESSIONS = `
CREATE TABLE agent_sessions (
  sandbox_id TEXT NOT NULL,
  agent TEXT NOT NULL,
  session TEXT NOT NULL,
  PRIMARY KEY (sandbox_id, agent)
) STRICT, WITHOUT ROWID;
`;
