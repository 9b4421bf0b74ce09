"""Makes calls again that were not answered, each under one Idempotency-Key."""

from __future__ import annotations

import secrets
import time

import httpx

from ..backoff import backoff_seconds
from ..errors import NotFoundError, SandboxedError
from ..refusal import NO_PROBLEM, refusal_of
from ..retrying import connection_error, may_repeat, takes_key
from . import waiting

STREAMED = "sandboxed.streamed"
"""The extension of a request whose answer is read by the caller, piece by piece."""


class AsyncRetrying(httpx.AsyncBaseTransport):
    """A transport that raises a `SandboxedError` for every refusal, after it has tried again.

    Tries `max_retries` times, or for `patience_seconds` where those are given.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        *,
        max_retries: int,
        patience_seconds: float | None = None,
    ) -> None:
        self._inner = inner
        self._max_retries = max_retries
        self._patience_seconds = patience_seconds

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if takes_key(request.method, request.url.path):
            request.headers.setdefault("idempotency-key", secrets.token_hex(16))
        until: float | None = None
        may_be_done = False
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._once(request)
            except SandboxedError as error:
                if may_be_done and request.method == "DELETE" and isinstance(error, NotFoundError):
                    # A try whose answer was lost had done it already: generated code makes None of this.
                    return httpx.Response(404, request=request)
                may_be_done = may_be_done or error.code == NO_PROBLEM or error.status == 0
                now = time.monotonic()
                until = until or now + (self._patience_seconds or 0.0)
                wait = backoff_seconds(attempt, error.retry_after_seconds)
                is_patient = attempt <= self._max_retries if self._patience_seconds is None else until > now
                if wait is None or not is_patient or not may_repeat(request, error):
                    raise
            await waiting.sleep(wait)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _once(self, request: httpx.Request) -> httpx.Response:
        try:
            response = await self._inner.handle_async_request(request)
            is_streamed = response.is_success and STREAMED in request.extensions
            if not is_streamed:
                try:
                    # An answer that breaks off was none.
                    await response.aread()
                finally:
                    await response.aclose()
        except httpx.TransportError as cause:
            raise connection_error(request, cause) from cause
        if response.is_success:
            return response
        raise refusal_of(response)
