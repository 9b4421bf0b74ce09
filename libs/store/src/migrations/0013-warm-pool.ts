/**
 * Containers that wait for a create to take them; when more may be made and how many were taken (one row). None of them is a
 * sandbox yet.
 */
export const WARM_POOL = `
CREATE TABLE warm_pool (
  id TEXT PRIMARY KEY,
  generation INTEGER NOT NULL,
  key TEXT NOT NULL,
  host_key TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('making', 'ready', 'leaving')),
  created_at INTEGER NOT NULL,
  ready_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE warm_pool_turn (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  rest_until INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  hits INTEGER NOT NULL,
  misses INTEGER NOT NULL
) STRICT;
INSERT INTO warm_pool_turn (id, rest_until, failures, hits, misses) VALUES (1, 0, 0, 0, 0);
`;
