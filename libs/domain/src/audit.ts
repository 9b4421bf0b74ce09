import { z } from 'zod';

/**
 * What became of an act. `accepted`: taken on; of a job, its end is a row of its own (`succeeded`, `failed`, `cancelled`).
 * `refused`: the caller's fault; `failed`: ours. `repeated`: the first answer to an Idempotency-Key was given again.
 */
export const AUDIT_OUTCOMES = [
  'accepted',
  'refused',
  'failed',
  'repeated',
  'succeeded',
  'cancelled',
] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** Longest text of an id or a detail that is written down; what callers send can be longer. Characters. */
const MAX_AUDIT_TEXT = 256;

/** Cuts what a caller sent to what is written down. */
export function auditText(text: string): string {
  return text.slice(0, MAX_AUDIT_TEXT);
}

const detailSchema = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean()]),
);
/** Where in the target, or how often: never a value that may be a secret. */
export type AuditDetail = z.output<typeof detailSchema>;

/** Who did what, when, from where, to what, with what outcome. Never changed once it is written. */
export const auditRecordSchema = z.strictObject({
  /** A ULID of its time. */
  id: z.string(),
  /** Milliseconds since the epoch. */
  at_ms: z.int(),
  actor: z.string(),
  /** Whose the target is, else the caller's; null for nobody's, such as calls without a valid token. */
  tenant: z.string().nullable(),
  /** A route (`POST /v1/sandboxes/{id}/exec`), a job (`job.stop`), a finding (`finding.container_gone`), or a word (`trim`). */
  action: z.string(),
  target_kind: z.string().nullable(),
  target_id: z.string().nullable(),
  /** The address that called; null for acts of the installation itself. */
  source: z.string().nullable(),
  request_id: z.string().nullable(),
  job_id: z.string().nullable(),
  outcome: z.enum(AUDIT_OUTCOMES),
  /** The error code of what was refused or failed. */
  code: z.string().nullable(),
  detail: detailSchema,
});
export type AuditRecord = z.output<typeof auditRecordSchema>;

/** The kind of thing that a route is about: `sandbox` of `/v1/sandboxes/{id}/exec`. */
export function auditTargetKind(path: string): string {
  const [first = ''] = path.split('/').filter((part) => !/^(v1)?$/.test(part));
  return first.endsWith('xes') ? first.slice(0, -2) : first.replace(/s$/, '');
}
