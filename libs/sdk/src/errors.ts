import type { components } from './wire.ts';

type Problem = components['schemas']['Problem'];

/** Why the API refused a call, or a job failed. Stable: act on these. */
export type ErrorCode = Problem['code'];

/** What is known of a failure besides its message. */
export interface ErrorDetails {
  /** A newer installation may have codes that this version does not know. */
  readonly code: ErrorCode | (string & {});
  /** HTTP status; 0 when there was no answer, or when a job failed. */
  readonly status: number;
  /** Whether the same call, made later, can succeed. */
  readonly retryable: boolean;
  /** Names the call in the installation's log. */
  readonly requestId: string | undefined;
  /** Seconds after which to try again, where that is known. */
  readonly retryAfterSeconds: number | undefined;
  /** Of an invalid request: where (`/ports/0`), and what is wrong there. */
  readonly fields: readonly {
    readonly path: string;
    readonly message: string;
  }[];
  /** The limit of the tenant's that was in the way. */
  readonly quota:
    | { readonly name: string; readonly used: number; readonly limit: number }
    | undefined;
}

/** The one class that everything the SDK throws is of, but for the reason of your own signal. */
export class SandboxedError extends Error implements ErrorDetails {
  override name = 'SandboxedError';
  readonly code: ErrorDetails['code'];
  readonly status: number;
  readonly retryable: boolean;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly fields: ErrorDetails['fields'];
  readonly quota: ErrorDetails['quota'];

  constructor(
    message: string,
    details: Partial<ErrorDetails> & { readonly code: ErrorDetails['code'] },
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
    this.code = details.code;
    this.status = details.status ?? 0;
    this.retryable = details.retryable ?? false;
    this.requestId = details.requestId;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.fields = details.fields ?? [];
    this.quota = details.quota;
  }
}

/** The call cannot be right as it is: mend it. */
export class InvalidRequestError extends SandboxedError {
  override name = 'InvalidRequestError';
}
/** There is no token, or none that is known. */
export class AuthenticationError extends SandboxedError {
  override name = 'AuthenticationError';
}
/** The token may not do this. */
export class PermissionError extends SandboxedError {
  override name = 'PermissionError';
}
/** What was named is not there. */
export class NotFoundError extends SandboxedError {
  override name = 'NotFoundError';
}
/** The state of things is in the way. */
export class ConflictError extends SandboxedError {
  override name = 'ConflictError';
}
/** A file is not, or no longer, what a write was to replace: read it again. */
export class PreconditionFailedError extends ConflictError {
  override name = 'PreconditionFailedError';
}
/** A limit of the tenant's or the sandbox's is reached: `quota` names it. */
export class LimitError extends SandboxedError {
  override name = 'LimitError';
}
/** The installation cannot do it just now. */
export class UnavailableError extends SandboxedError {
  override name = 'UnavailableError';
}
/** It took longer than it might. */
export class TimeoutError extends SandboxedError {
  override name = 'TimeoutError';
}
/** Somebody cancelled it. */
export class CancelledError extends SandboxedError {
  override name = 'CancelledError';
}
/** Something in the sandbox or the installation does not work. */
export class FailureError extends SandboxedError {
  override name = 'FailureError';
}
/** There was no answer, however often it was tried. */
export class ConnectionError extends SandboxedError {
  override name = 'ConnectionError';
}

/** The class of each code: one that the API gains is missing here until it is given one. */
const CLASSES: Readonly<Record<ErrorCode, typeof SandboxedError>> = {
  invalid_request: InvalidRequestError,
  method_not_allowed: InvalidRequestError,
  range_not_satisfiable: InvalidRequestError,
  idempotency_mismatch: InvalidRequestError,
  body_too_large: InvalidRequestError,
  headers_too_large: InvalidRequestError,
  image_not_allowed: InvalidRequestError,
  image_missing: InvalidRequestError,
  unauthenticated: AuthenticationError,
  forbidden_origin: PermissionError,
  forbidden_scope: PermissionError,
  not_found: NotFoundError,
  sandbox_not_found: NotFoundError,
  job_not_found: NotFoundError,
  service_not_found: NotFoundError,
  key_not_found: NotFoundError,
  file_not_found: NotFoundError,
  task_not_found: NotFoundError,
  webhook_not_found: NotFoundError,
  delivery_not_found: NotFoundError,
  checkpoint_not_found: NotFoundError,
  terminal_not_found: NotFoundError,
  precondition_failed: PreconditionFailedError,
  file_conflict: ConflictError,
  id_taken: ConflictError,
  busy: ConflictError,
  job_finished: ConflictError,
  not_cancellable: ConflictError,
  task_in_progress: ConflictError,
  illegal_transition: ConflictError,
  stale_write: ConflictError,
  sandbox_not_running: ConflictError,
  container_conflict: ConflictError,
  quota_exceeded: LimitError,
  rate_limited: LimitError,
  disk_full: LimitError,
  no_capacity: UnavailableError,
  store_unavailable: UnavailableError,
  docker_unavailable: UnavailableError,
  firewall_down: UnavailableError,
  agent_unreachable: UnavailableError,
  worker_lost: UnavailableError,
  timed_out: TimeoutError,
  cancelled: CancelledError,
  task_failed: FailureError,
  start_failed: FailureError,
  agent_protocol: FailureError,
  secret_unreadable: FailureError,
  internal: FailureError,
};

/** An error of the class of its code. */
export function errorOf(
  message: string,
  details: Partial<ErrorDetails> & { readonly code: ErrorDetails['code'] },
  options: { readonly cause?: unknown } = {},
): SandboxedError {
  const classes: Readonly<Partial<Record<string, typeof SandboxedError>>> =
    CLASSES;
  const { [details.code]: Known = SandboxedError } = classes;
  return new Known(message, details, options);
}
