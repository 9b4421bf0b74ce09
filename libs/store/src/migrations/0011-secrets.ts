/**
 * Sealed values begin with the number of their format from now on: those that are there are of format 0. Digests of requests are
 * sealed; those that are there stay where they are for the day that they are kept.
 */
export const SECRETS = `
UPDATE sandboxes SET env_sealed = CAST(x'00' || env_sealed AS BLOB);
UPDATE jobs SET secret_sealed = CAST(x'00' || secret_sealed AS BLOB) WHERE secret_sealed IS NOT NULL;
UPDATE services SET spec_sealed = CAST(x'00' || spec_sealed AS BLOB);
ALTER TABLE idempotency ADD COLUMN fingerprint_sealed BLOB;
`;
