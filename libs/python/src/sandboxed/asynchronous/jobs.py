"""Work that the installation does for a call."""

from __future__ import annotations

import time

from ..answers import answered, has_ended, job_id_of, succeeded
from ..errors import ErrorDetails, TimedOutError
from ..wire.api.jobs import cancel_job, get_job
from ..wire.models.cancel_job_body import CancelJobBody
from ..wire.models.job import Job
from .client import AsyncClient


async def ended(client: AsyncClient, job_id: str, timeout_seconds: float | None = None) -> Job:
    """The job once it has ended, however it did. Raises `TimedOutError`; the job goes on then."""
    until = None if timeout_seconds is None else time.monotonic() + timeout_seconds
    while True:
        left = client.hold_seconds if until is None else until - time.monotonic()
        wait = max(0.0, min(client.hold_seconds, left))
        job = answered(await get_job.asyncio(job_id, client=client.patient, wait=wait))
        if has_ended(job):
            return job
        if until is not None and time.monotonic() >= until:
            raise TimedOutError(
                f"It did not end within {timeout_seconds} s.",
                ErrorDetails(code="timed_out", retryable=True),
            )


async def done(client: AsyncClient, job_id: str, timeout_seconds: float | None = None) -> Job:
    """Like `ended`; raises what the job failed of."""
    return succeeded(await ended(client, job_id, timeout_seconds))


async def settle(client: AsyncClient, answer: object) -> None:
    """Waits for the job that an answer speaks of, if it speaks of one."""
    job_id = job_id_of(answer)
    if job_id is not None:
        await done(client, job_id)


class AsyncJobs:
    """Jobs of an installation."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def get(self, job_id: str) -> Job:
        """Reads a job. Raises `NotFoundError`."""
        return answered(await get_job.asyncio(job_id, client=self._client.calls))

    async def wait(self, job_id: str, *, timeout_seconds: float | None = None) -> Job:
        """Waits for a job's end, however it ends. Raises `TimedOutError`; the job goes on then."""
        return await ended(self._client, job_id, timeout_seconds)

    async def cancel(self, job_id: str) -> Job:
        """Asks a command, task or change to end. Raises `ConflictError` when it is over."""
        body = CancelJobBody()
        return answered(await cancel_job.asyncio(job_id, client=self._client.calls, body=body))
