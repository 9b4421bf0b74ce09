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

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Parts of a job that run as processes of their own in the sandbox. */
const STEPS = { checkpoint: 1, changes: 2, build: 3 } as const;

/**
 * The process id of a job's step: always the same, so that a worker that takes the job over finds the process again. It
 * differs from the job's id in the first random digit alone.
 */
export function stepProcessId(job: JobId, step: keyof typeof STEPS): string {
  const at = 10;
  const digit = CROCKFORD.indexOf(job.charAt(at)) ^ STEPS[step];
  return job.slice(0, at) + CROCKFORD.charAt(digit) + job.slice(at + 1);
}
