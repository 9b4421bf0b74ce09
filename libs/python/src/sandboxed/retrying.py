"""Which calls are made again that were not answered."""

from __future__ import annotations

import re

import httpx

from .errors import ConnectionFailedError, ErrorDetails, SandboxedError
from .refusal import is_passing

_ONCE = re.compile(
    r"/v1/(?:keys|webhooks)$|/(?:preview-links|terminal-tickets|rotate-secret)$",
)
"""Calls that answer a secret, which the API does not store: they are made once."""


def takes_key(method: str, path: str) -> bool:
    """Whether a call has an Idempotency-Key."""
    return method == "POST" and _ONCE.search(path) is None


def may_repeat(request: httpx.Request, error: SandboxedError) -> bool:
    """Whether another try of a call does nothing twice and may be answered otherwise."""
    # A conditional try whose answer was lost may be what is in the way of the next one.
    is_conditional = request.method == "PUT" and not {"if-match", "if-none-match"}.isdisjoint(request.headers)
    is_repeatable = (
        isinstance(request.stream, httpx.ByteStream)
        and not is_conditional
        and (request.method != "POST" or takes_key(request.method, request.url.path))
    )
    is_held = request.url.params.get("wait", "0") not in ("", "0")
    return is_repeatable and is_passing(error, is_held=is_held)


def connection_error(request: httpx.Request, cause: BaseException) -> ConnectionFailedError:
    """What is raised for a connection that broke or went silent."""
    why = str(cause) or type(cause).__name__
    return ConnectionFailedError(
        f"{request.method} {request.url.path} was not answered: {why}",
        ErrorDetails(code="connection_failed", retryable=True),
    )
