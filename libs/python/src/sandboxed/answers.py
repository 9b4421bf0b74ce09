"""What is made of answers, whoever asked."""

from __future__ import annotations

from typing import TypeVar

from .errors import ErrorDetails, InvalidRequestError, SandboxedError, error_of
from .wire.models.job import Job
from .wire.types import UNSET, Unset

T = TypeVar("T")
_UNDER_WAY = ("queued", "running")


def answered(answer: T | None) -> T:
    """An answer that is as the document says. Raises `FailureError`."""
    if answer is not None:
        return answer
    raise undocumented()


def undocumented() -> SandboxedError:
    """What is raised for an answer that is not as the document says."""
    return error_of("The API answered what its document does not say.", ErrorDetails("internal"))


def segment(name: str) -> str:
    """A part of an address. Addresses are folded at dots, so that another call would be made."""
    if name not in ("", ".", ".."):
        return name
    raise InvalidRequestError(f"{name!r} names nothing.", ErrorDetails(code="invalid_request", retryable=False))


def job_id_of(answer: object) -> str | None:
    """The job that an answer speaks of; None where there is nothing to wait for."""
    job_id = getattr(answer, "job_id", UNSET)
    return job_id if isinstance(job_id, str) else None


def has_ended(job: Job) -> bool:
    """Whether nothing more becomes of a job."""
    return job.status not in _UNDER_WAY


def succeeded(job: Job) -> Job:
    """A job that did what it was to do; raises what it failed of."""
    if job.status == "succeeded":
        return job
    raise failure_of(job, "The job was cancelled.")


def failure_of(job: Job, cancelled: str) -> SandboxedError:
    """What a job that ended without success failed of; one that failed of nothing was `cancelled`."""
    if isinstance(job.error, Unset):
        return error_of(cancelled, ErrorDetails(code="cancelled"))
    details = ErrorDetails(code=job.error.code, retryable=job.error.retryable)
    return error_of(job.error.message, details)
