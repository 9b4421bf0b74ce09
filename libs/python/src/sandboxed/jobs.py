"""Work that the installation does for a call."""

from __future__ import annotations

import time

from .client import Client, answered, job_id_of
from .errors import ErrorDetails, TimedOutError, error_of
from .wire.api.jobs import cancel_job, get_job
from .wire.models.cancel_job_body import CancelJobBody
from .wire.models.job import Job
from .wire.types import Unset

_UNDER_WAY = ("queued", "running")


def has_ended(job: Job) -> bool:
    """Whether nothing more becomes of a job."""
    return job.status not in _UNDER_WAY


def ended(client: Client, job_id: str, timeout_seconds: float | None = None) -> Job:
    """The job once it has ended, however it did. Raises `TimedOutError`; the job goes on then."""
    until = None if timeout_seconds is None else time.monotonic() + timeout_seconds
    while True:
        left = client.hold_seconds if until is None else until - time.monotonic()
        wait = max(0.0, min(client.hold_seconds, left))
        job = answered(get_job.sync(job_id, client=client.patient, wait=wait))
        if has_ended(job):
            return job
        if until is not None and time.monotonic() >= until:
            raise TimedOutError(
                f"It did not end within {timeout_seconds} s.",
                ErrorDetails(code="timed_out", retryable=True),
            )


def done(client: Client, job_id: str, timeout_seconds: float | None = None) -> Job:
    """Like `ended`; raises what the job failed of."""
    job = ended(client, job_id, timeout_seconds)
    if job.status == "succeeded":
        return job
    if isinstance(job.error, Unset):
        raise error_of("The job was cancelled.", ErrorDetails(code="cancelled"))
    details = ErrorDetails(code=job.error.code, retryable=job.error.retryable)
    raise error_of(job.error.message, details)


def settle(client: Client, answer: object) -> None:
    """Waits for the job that an answer speaks of, if it speaks of one."""
    job_id = job_id_of(answer)
    if job_id is not None:
        done(client, job_id)


class Jobs:
    """Jobs of an installation."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def get(self, job_id: str) -> Job:
        """Reads a job. Raises `NotFoundError`."""
        return answered(get_job.sync(job_id, client=self._client.calls))

    def wait(self, job_id: str, *, timeout_seconds: float | None = None) -> Job:
        """Waits for a job's end, however it ends. Raises `TimedOutError`; the job goes on then."""
        return ended(self._client, job_id, timeout_seconds)

    def cancel(self, job_id: str) -> Job:
        """Asks a command, task or change to end. Raises `ConflictError` when it is over."""
        body = CancelJobBody()
        return answered(cancel_job.sync(job_id, client=self._client.calls, body=body))
