/** The span that asked for a job, as a W3C `traceparent`: whoever does the job goes on with its trace. */
export const TRACE = `
ALTER TABLE jobs ADD COLUMN traceparent TEXT;
`;
