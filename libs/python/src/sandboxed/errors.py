"""Everything the client raises: one class for each family of codes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Quota:
    """The limit of the tenant's that was in the way."""

    name: str
    used: float
    limit: float


@dataclass(frozen=True)
class FieldError:
    """Where a request is wrong (`/ports/0`), and what is wrong there."""

    path: str
    message: str


@dataclass(frozen=True)
class ErrorDetails:
    """What is known of a failure besides its message."""

    code: str
    """Stable: act on it. A newer installation may have codes that this version does not know."""
    status: int = 0
    """HTTP status; 0 when there was no answer, or when a job failed."""
    retryable: bool = False
    """Whether the same call, made later, can succeed."""
    request_id: str | None = None
    """Names the call in the installation's log."""
    retry_after_seconds: float | None = None
    """After which to try again, where that is known."""
    fields: tuple[FieldError, ...] = field(default=())
    quota: Quota | None = None


class SandboxedError(Exception):
    """What everything that the client raises is of."""

    def __init__(self, message: str, details: ErrorDetails) -> None:
        super().__init__(message)
        self.message = message
        self.code = details.code
        self.status = details.status
        self.retryable = details.retryable
        self.request_id = details.request_id
        self.retry_after_seconds = details.retry_after_seconds
        self.fields = details.fields
        self.quota = details.quota


class InvalidRequestError(SandboxedError):
    """The call cannot be right as it is: mend it."""


class AuthenticationError(SandboxedError):
    """There is no token, or none that is known."""


class PermissionDeniedError(SandboxedError):
    """The token may not do this."""


class NotFoundError(SandboxedError):
    """What was named is not there."""


class ConflictError(SandboxedError):
    """The state of things is in the way."""


class PreconditionFailedError(ConflictError):
    """A file is not, or no longer, what a write was to replace: read it again."""


class LimitError(SandboxedError):
    """A limit of the tenant's or the sandbox's is reached: `quota` names it."""


class UnavailableError(SandboxedError):
    """The installation cannot do it just now."""


class TimedOutError(SandboxedError):
    """It took longer than it might."""


class CancelledError(SandboxedError):
    """Somebody cancelled it."""


class FailureError(SandboxedError):
    """Something in the sandbox or the installation does not work."""


class ConnectionFailedError(SandboxedError):
    """There was no answer, however often it was tried."""


_CODES: dict[type[SandboxedError], str] = {
    InvalidRequestError: "invalid_request method_not_allowed range_not_satisfiable "
    "idempotency_mismatch body_too_large headers_too_large image_not_allowed image_missing",
    AuthenticationError: "unauthenticated",
    PermissionDeniedError: "forbidden_origin forbidden_scope",
    NotFoundError: "not_found sandbox_not_found job_not_found service_not_found key_not_found "
    "file_not_found task_not_found webhook_not_found delivery_not_found checkpoint_not_found "
    "terminal_not_found",
    ConflictError: "file_conflict id_taken busy job_finished not_cancellable task_in_progress "
    "illegal_transition stale_write sandbox_not_running container_conflict",
    PreconditionFailedError: "precondition_failed",
    LimitError: "quota_exceeded rate_limited disk_full",
    UnavailableError: "no_capacity store_unavailable docker_unavailable firewall_down agent_unreachable worker_lost",
    TimedOutError: "timed_out",
    CancelledError: "cancelled",
    FailureError: "task_failed start_failed agent_protocol secret_unreadable internal",
    ConnectionFailedError: "connection_failed",
}
CLASS_OF_CODE = {code: known for known, codes in _CODES.items() for code in codes.split()}


def error_of(message: str, details: ErrorDetails) -> SandboxedError:
    """An error of the class of its code."""
    return CLASS_OF_CODE.get(details.code, SandboxedError)(message, details)
