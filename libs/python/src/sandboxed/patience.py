"""For how long something that breaks off is taken up again, and the pauses between."""

from __future__ import annotations

import time

from .backoff import backoff_seconds
from .errors import ConnectionFailedError, ErrorDetails, SandboxedError

_STEADY_SECONDS = 10.0
"""What held for longer broke off by chance: the pauses begin anew."""


class Patience:
    """Counts the tries of one stream. `what` is named in the error at its end, as in "The log"."""

    def __init__(self, what: str, limit_seconds: float) -> None:
        self._what = what
        self._limit_seconds = limit_seconds
        self._attempt = 0
        self._failing_since: float | None = None
        self._opened_at = time.monotonic()

    def begin(self) -> None:
        """A try begins."""
        self._opened_at = time.monotonic()

    def sign(self) -> None:
        """Something was heard, if only a heartbeat: whatever failed before is over."""
        self._failing_since = None

    def progress(self) -> None:
        """Something new came: it is worth a quick try."""
        self.sign()
        self._attempt = 0

    def pause_seconds(self, failure: SandboxedError | None) -> float:
        """How long to wait before the next try; `failure` is why the last one failed, if it did.

        Raises `ConnectionFailedError`, or what the API said last, once it failed for as long as
        there is patience.
        """
        now = time.monotonic()
        if failure is not None:
            self._failing_since = self._failing_since or now
            if now - self._failing_since >= self._limit_seconds:
                raise self._given_up(failure) from failure
        self._attempt = 1 if now - self._opened_at > _STEADY_SECONDS else self._attempt + 1
        wait = backoff_seconds(self._attempt, failure.retry_after_seconds if failure else None)
        if wait is None and failure is not None:
            raise failure
        return wait or 0.0

    def _given_up(self, last: SandboxedError) -> SandboxedError:
        """What the API said last, if anything."""
        if not isinstance(last, ConnectionFailedError):
            return last
        return ConnectionFailedError(
            f"{self._what} broke off and could not be taken up.",
            ErrorDetails(code="connection_failed", retryable=True),
        )
