/** Every way a request or a job can fail. Stable: clients switch on these. */
export const ERROR_CODES = [
  'invalid_request',
  'unauthenticated',
  'forbidden_origin',
  'forbidden_scope',
  'not_found',
  'method_not_allowed',
  'sandbox_not_found',
  'job_not_found',
  'service_not_found',
  'key_not_found',
  'webhook_not_found',
  'delivery_not_found',
  'file_not_found',
  'file_conflict',
  'precondition_failed',
  'range_not_satisfiable',
  'id_taken',
  'busy',
  'job_finished',
  'not_cancellable',
  'task_not_found',
  'terminal_not_found',
  'task_in_progress',
  'task_failed',
  'checkpoint_not_found',
  'illegal_transition',
  'stale_write',
  'idempotency_mismatch',
  'body_too_large',
  'headers_too_large',
  'image_not_allowed',
  'image_missing',
  'no_capacity',
  'quota_exceeded',
  'rate_limited',
  'disk_full',
  'store_unavailable',
  'sandbox_not_running',
  'start_failed',
  'container_conflict',
  'agent_unreachable',
  'agent_protocol',
  'docker_unavailable',
  'firewall_down',
  'timed_out',
  'cancelled',
  'worker_lost',
  'secret_unreadable',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * Whether the same work, tried again later without a change, can succeed.
 * The worker retries a job by this table and `retryable` in error bodies is read from it.
 */
export const RETRYABLE = {
  invalid_request: false,
  unauthenticated: false,
  forbidden_origin: false,
  forbidden_scope: false,
  not_found: false,
  method_not_allowed: false,
  sandbox_not_found: false,
  job_not_found: false,
  service_not_found: false,
  key_not_found: false,
  webhook_not_found: false,
  delivery_not_found: false,
  file_not_found: false,
  file_conflict: false,
  precondition_failed: false,
  range_not_satisfiable: false,
  id_taken: false,
  busy: true,
  job_finished: false,
  not_cancellable: false,
  task_not_found: false,
  terminal_not_found: false,
  task_in_progress: true,
  task_failed: false,
  checkpoint_not_found: false,
  illegal_transition: false,
  stale_write: true,
  idempotency_mismatch: false,
  body_too_large: false,
  headers_too_large: false,
  image_not_allowed: false,
  image_missing: false,
  no_capacity: true,
  quota_exceeded: false,
  rate_limited: true,
  disk_full: true,
  store_unavailable: true,
  sandbox_not_running: false,
  start_failed: true,
  container_conflict: true,
  agent_unreachable: true,
  agent_protocol: false,
  docker_unavailable: true,
  firewall_down: true,
  timed_out: true,
  cancelled: false,
  worker_lost: true,
  secret_unreadable: false,
  internal: true,
} as const satisfies Record<ErrorCode, boolean>;

/** One offending field of a request: where (`/ports/0`) and what is wrong with it. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** A limit of a tenant's that stands in the way: how much is used now, and how much may be. */
export interface Excess {
  readonly name: string;
  readonly used: number;
  readonly limit: number;
}

/** The one error class that crosses module borders. Only code, message and fields ever leave the process. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly fields: readonly FieldError[];
  /** Seconds after which trying again makes sense, where that is known. */
  readonly retryAfterSeconds: number | undefined;
  /** The limit of the tenant's that stood in the way. */
  readonly quota: Excess | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly fields?: readonly FieldError[];
      readonly retryAfterSeconds?: number;
      readonly quota?: Excess;
    } = {},
  ) {
    super(
      message,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'DomainError';
    this.code = code;
    this.fields = options.fields ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.quota = options.quota;
  }
}

/** What a job row, an event and an API answer say of a failure. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
}

/** Reduces anything thrown to a failure that is safe to show: an unknown error says nothing of the inside. */
export function toFailure(error: unknown): Failure {
  if (error instanceof DomainError)
    return {
      code: error.code,
      message: error.message,
      retryable: RETRYABLE[error.code],
    };
  return {
    code: 'internal',
    message:
      'Something went wrong inside sandboxed. The log of the process has the details under this request or job id.',
    retryable: true,
  };
}

/** Marks a branch the compiler has proven unreachable. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${String(value)}`);
}
