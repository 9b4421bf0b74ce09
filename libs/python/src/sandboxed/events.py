"""Follows a stream, however often it breaks off."""

from __future__ import annotations

import time
from collections.abc import Iterator

from .backoff import backoff_seconds
from .client import Client, answered
from .errors import ConnectionFailedError, ErrorDetails, SandboxedError
from .jobs import has_ended
from .refusal import is_passing
from .server_events import Event, events_of
from .wire.api.jobs import get_job

_STEADY_SECONDS = 10.0
"""A stream that held for longer broke off by chance: the pauses begin anew."""


def follow(client: Client, path: str, *, job_id: str | None = None, after: str | None = None) -> Iterator[Event]:
    """Tells each event once; takes the stream up after the last one that came.

    Ends with a job's `done`. Raises `ConnectionFailedError` when it could not be taken up for as
    long as the connection has patience, and what the API refuses it with.
    """
    last = after
    attempt = 0
    failing_since: float | None = None
    job_has_ended = False

    def heard(pieces: Iterator[bytes]) -> Iterator[bytes]:
        nonlocal failing_since
        for piece in pieces:
            # Heartbeats, too.
            failing_since = None
            yield piece

    while True:
        opened_at = time.monotonic()
        is_empty = True
        failure: SandboxedError | None = None
        headers = {"accept": "text/event-stream"}
        if last is not None:
            headers["last-event-id"] = last
        try:
            with client.streamed(path, headers=headers, tries_again=False) as pieces:
                for event in events_of(heard(pieces)):
                    last = event.id or last
                    is_empty = False
                    attempt = 0
                    yield event
                    if job_id is not None and event.type in ("done", "trimmed"):
                        return
        except SandboxedError as error:
            if not is_passing(error):
                raise
            failure = error
        if job_id is not None and is_empty and failure is None:
            # It had nothing more to tell, twice now: what came in between was not missed.
            if job_has_ended:
                return
            job_has_ended = has_ended(answered(get_job.sync(job_id, client=client.patient)))
            if job_has_ended:
                continue
        now = time.monotonic()
        if failure is not None:
            failing_since = failing_since or now
            if now - failing_since >= client.connection.patience_seconds:
                raise _given_up(path, failure) from failure
        attempt = 1 if now - opened_at > _STEADY_SECONDS else attempt + 1
        wait = backoff_seconds(attempt, failure.retry_after_seconds if failure else None)
        if wait is None and failure is not None:
            raise failure
        time.sleep(wait or 0.0)


def _given_up(path: str, last: SandboxedError) -> SandboxedError:
    """What the API said last, if anything."""
    if not isinstance(last, ConnectionFailedError):
        return last
    return ConnectionFailedError(
        f"The stream {path} broke off and could not be taken up.",
        ErrorDetails(code="connection_failed", retryable=True),
    )
