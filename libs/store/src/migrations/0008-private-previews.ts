/** Links to a private preview and sessions that came of them are of this generation; a higher one revokes them all. */
export const PRIVATE_PREVIEWS = `
ALTER TABLE sandboxes ADD COLUMN preview_generation INTEGER NOT NULL DEFAULT 0;
`;
