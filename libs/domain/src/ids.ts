import { z } from 'zod';

// ASCII alone, before any change of case: `ſ` in upper case would be a plain S.
const ULID = /^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$/;

/** A sandbox id: a ULID in canonical upper case. */
export type SandboxId = string & z.$brand<'SandboxId'>;
/** A job id: a ULID; also the id of the BullMQ job and of the process it starts in a sandbox. */
export type JobId = string & z.$brand<'JobId'>;

const canonicalUlid = z
  .string()
  .regex(ULID, 'must be a ULID: 26 characters of Crockford base 32')
  .transform((text) => text.toUpperCase());

/** Strict: 26 characters of Crockford base 32 that fit 128 bits; lower case is accepted and normalised. */
export const sandboxIdSchema = canonicalUlid.brand<'SandboxId'>();
/** The same form as {@link sandboxIdSchema}, for jobs. */
export const jobIdSchema = canonicalUlid.brand<'JobId'>();

/** The canonical id, or undefined when `text` is no ULID. */
export function parseSandboxId(text: string): SandboxId | undefined {
  return sandboxIdSchema.safeParse(text).data;
}

/** The canonical id, or undefined when `text` is no ULID. */
export function parseJobId(text: string): JobId | undefined {
  return jobIdSchema.safeParse(text).data;
}
