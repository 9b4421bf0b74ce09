/** Jobs that others may have to wait for are few, and found without a look at the commands beside them, which may be many and are in no such index. */
export const BARRIERS = `
CREATE INDEX jobs_barriers ON jobs (sandbox_id) WHERE status IN ('queued', 'running') AND class <> 'exec';
`;
