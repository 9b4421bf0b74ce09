import type { ErrorCode, Failure } from '@sandboxed/domain';
import {
  DomainError,
  ERROR_CODES,
  RETRYABLE,
  toFailure,
} from '@sandboxed/domain';
import type { Response } from 'express';
import { z } from 'zod';

/** HTTP status of every error code; the only place that knows. */
export const STATUS = {
  invalid_request: 400,
  unauthenticated: 401,
  forbidden_origin: 403,
  forbidden_scope: 403,
  not_found: 404,
  method_not_allowed: 405,
  sandbox_not_found: 404,
  job_not_found: 404,
  service_not_found: 404,
  key_not_found: 404,
  webhook_not_found: 404,
  delivery_not_found: 404,
  file_not_found: 404,
  file_conflict: 409,
  precondition_failed: 412,
  range_not_satisfiable: 416,
  id_taken: 409,
  busy: 409,
  job_finished: 409,
  not_cancellable: 409,
  task_not_found: 404,
  terminal_not_found: 404,
  task_in_progress: 409,
  task_failed: 422,
  checkpoint_not_found: 409,
  illegal_transition: 409,
  stale_write: 409,
  idempotency_mismatch: 422,
  body_too_large: 413,
  headers_too_large: 431,
  image_not_allowed: 400,
  image_missing: 400,
  no_capacity: 503,
  quota_exceeded: 403,
  rate_limited: 429,
  disk_full: 507,
  store_unavailable: 503,
  sandbox_not_running: 409,
  start_failed: 502,
  container_conflict: 409,
  agent_unreachable: 502,
  agent_protocol: 502,
  docker_unavailable: 503,
  firewall_down: 503,
  timed_out: 504,
  cancelled: 409,
  worker_lost: 502,
  secret_unreadable: 500,
  internal: 500,
} as const satisfies Record<ErrorCode, number>;

const RETRY_AFTER_SECONDS = 30;

/** An RFC 9457 problem document. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.enum(ERROR_CODES),
  retryable: z.boolean(),
  request_id: z.string(),
  errors: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .optional(),
  /** The limit of the tenant's that was in the way. */
  quota: z
    .object({ name: z.string(), used: z.int(), limit: z.int() })
    .optional(),
});

/** The problem document of a failure that a job ended with. */
export function failureOf(failure: Failure): DomainError {
  return new DomainError(failure.code, failure.message, {
    ...(failure.code === 'no_capacity' && {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    }),
  });
}

/** A zod error as `invalid_request`, each issue at the path of its field. */
export function invalid(error: z.ZodError, where: string): DomainError {
  const fields = error.issues.flatMap((issue) => {
    const path = [where, ...issue.path.map(String)].filter(
      (part) => part !== '',
    );
    const at = `/${path.map(escapePointer).join('/')}`;
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          path: `${at === '/' ? '' : at}/${escapePointer(key)}`,
          message: 'is not a field of this request',
        }))
      : [{ path: at, message: issue.message }];
  });
  return new DomainError(
    'invalid_request',
    'The request is not valid: see errors for the fields.',
    { fields: fields.slice(0, 50) },
  );
}

function escapePointer(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** What a thrown thing is answered with. */
export function problem(
  error: unknown,
  requestId: string,
): { readonly status: number; readonly body: z.output<typeof problemSchema> } {
  const { code, message } = toFailure(error);
  const fields = error instanceof DomainError ? error.fields : [];
  const status = STATUS[code];
  return {
    status,
    body: {
      type: `urn:sandboxed:problem:${code}`,
      title: code.replaceAll('_', ' '),
      status,
      detail: message,
      code,
      retryable: RETRYABLE[code],
      request_id: requestId,
      ...(fields.length > 0 && { errors: [...fields] }),
      ...(error instanceof DomainError &&
        error.quota !== undefined && { quota: error.quota }),
    },
  };
}

/** Answers anything thrown. Returns whether it was a fault of ours, to be logged in full. */
export function sendProblem(
  response: Response,
  error: unknown,
  requestId: string,
): boolean {
  const { status, body } = problem(error, requestId);
  if (error instanceof DomainError && error.retryAfterSeconds !== undefined)
    response.setHeader('Retry-After', String(error.retryAfterSeconds));
  if (
    body.code === 'unauthenticated' &&
    !response.hasHeader('WWW-Authenticate')
  )
    response.setHeader('WWW-Authenticate', 'Bearer realm="sandboxed"');
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify(body));
  return status >= 500;
}
