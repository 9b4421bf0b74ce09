"""Makes calls again that were not answered, each under one Idempotency-Key."""

from __future__ import annotations

import re
import secrets
import time

import httpx

from .backoff import backoff_seconds
from .errors import ConnectionFailedError, ErrorDetails, NotFoundError, SandboxedError
from .refusal import NO_PROBLEM, is_passing, refusal_of

STREAMED = "sandboxed.streamed"
"""The extension of a request whose answer is read by the caller, piece by piece."""
_ONCE = re.compile(
    r"/v1/(?:keys|webhooks)$|/(?:preview-links|terminal-tickets|rotate-secret)$",
)
"""Calls that answer a secret, which the API does not store: they are made once."""


def takes_key(method: str, path: str) -> bool:
    """Whether a call has an Idempotency-Key."""
    return method == "POST" and _ONCE.search(path) is None


class Retrying(httpx.BaseTransport):
    """A transport that raises a `SandboxedError` for every refusal, after it has tried again.

    Tries `max_retries` times, or for `patience_seconds` where those are given.
    """

    def __init__(
        self,
        inner: httpx.BaseTransport,
        *,
        max_retries: int,
        patience_seconds: float | None = None,
    ) -> None:
        self._inner = inner
        self._max_retries = max_retries
        self._patience_seconds = patience_seconds

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if takes_key(request.method, request.url.path):
            request.headers.setdefault("idempotency-key", secrets.token_hex(16))
        until: float | None = None
        may_be_done = False
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._once(request)
            except SandboxedError as error:
                if may_be_done and request.method == "DELETE" and isinstance(error, NotFoundError):
                    # A try whose answer was lost had done it already: generated code makes None of this.
                    return httpx.Response(404, request=request)
                may_be_done = may_be_done or error.code == NO_PROBLEM or error.status == 0
                now = time.monotonic()
                until = until or now + (self._patience_seconds or 0.0)
                wait = backoff_seconds(attempt, error.retry_after_seconds)
                if wait is None or not self._may_repeat(request, error, attempt, until - now):
                    raise
            time.sleep(wait)

    def close(self) -> None:
        self._inner.close()

    def _may_repeat(self, request: httpx.Request, error: SandboxedError, attempt: int, left_seconds: float) -> bool:
        is_patient = attempt <= self._max_retries if self._patience_seconds is None else left_seconds > 0
        # A conditional try whose answer was lost may be what is in the way of the next one.
        is_conditional = request.method == "PUT" and not {"if-match", "if-none-match"}.isdisjoint(request.headers)
        is_repeatable = (
            isinstance(request.stream, httpx.ByteStream)
            and not is_conditional
            and (request.method != "POST" or takes_key(request.method, request.url.path))
        )
        is_held = request.url.params.get("wait", "0") not in ("", "0")
        return is_patient and is_repeatable and is_passing(error, is_held=is_held)

    def _once(self, request: httpx.Request) -> httpx.Response:
        try:
            response = self._inner.handle_request(request)
            is_streamed = response.is_success and STREAMED in request.extensions
            if not is_streamed:
                try:
                    # An answer that breaks off was none.
                    response.read()
                finally:
                    response.close()
        except httpx.TransportError as cause:
            raise connection_error(request, cause) from cause
        if response.is_success:
            return response
        raise refusal_of(response)


def connection_error(request: httpx.Request, cause: BaseException) -> ConnectionFailedError:
    """What is raised for a connection that broke or went silent."""
    why = str(cause) or type(cause).__name__
    return ConnectionFailedError(
        f"{request.method} {request.url.path} was not answered: {why}",
        ErrorDetails(code="connection_failed", retryable=True),
    )
