/** Which address of a sandbox network belongs to which sandbox, and which of each subnet was given out last. Addresses are numbers. */
export const ADDRESSES = `
CREATE TABLE addresses (
  sandbox_id TEXT PRIMARY KEY,
  address INTEGER NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

CREATE TABLE address_turns (
  subnet TEXT PRIMARY KEY,
  last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
