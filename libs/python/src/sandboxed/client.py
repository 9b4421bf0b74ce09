"""A connection at work: generated calls are made through it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import httpx

from .connection import Connection
from .errors import ErrorDetails, InvalidRequestError, SandboxedError, error_of
from .retrying import STREAMED, Retrying, connection_error
from .wire.client import Client as Wire
from .wire.types import UNSET

_LONGEST_HOLD_SECONDS = 30.0
_CONNECT_SECONDS = 10.0
_UPLOAD_SECONDS = 3600.0
"""Nobody tells how far an upload got, which may be large and the line slow."""

T = TypeVar("T")


class Client:
    """What the generated functions of `sandboxed.wire.api` take: `get_usage.sync(client=c.calls)`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._inner = connection.transport or httpx.HTTPTransport()
        self.calls = self._wire(connection.max_retries)
        """Tries again some seconds."""
        self.patient = self._wire(connection.max_retries, connection.patience_seconds)
        """Outlasts an upgrade: for waits."""
        self.once = self._wire(0)
        """Does not try again: for streams, which are taken up elsewhere."""

    @property
    def hold_seconds(self) -> float:
        """How long one call has the API wait for an end: less than its silence is borne."""
        return min(_LONGEST_HOLD_SECONDS, self.connection.silence_seconds / 2)

    def send(
        self,
        method: str,
        path: str,
        *,
        content: bytes,
        content_type: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Sends bytes."""
        return self.calls.get_httpx_client().request(
            method,
            path,
            content=content,
            params=params,
            headers={**(headers or {}), "content-type": content_type},
            timeout=self._timeout(_UPLOAD_SECONDS),
        )

    @contextmanager
    def streamed(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        tries_again: bool = True,
    ) -> Iterator[Iterator[bytes]]:
        """The pieces of an answer as they come, heartbeats of streams too.

        Raises `ConnectionFailedError` when it breaks off or goes silent in between.
        """
        wire = self.calls if tries_again else self.once
        with wire.get_httpx_client().stream(
            "GET", path, params=params, headers=headers, extensions={STREAMED: True}
        ) as response:
            yield _pieces(response)

    def close(self) -> None:
        """Closes connections that are kept open; what is called later opens new ones."""
        self._inner.close()

    def _timeout(self, read_seconds: float) -> httpx.Timeout:
        silence = self.connection.silence_seconds
        connect = min(_CONNECT_SECONDS, silence)
        return httpx.Timeout(silence, connect=connect, read=read_seconds)

    def _wire(self, max_retries: int, patience_seconds: float | None = None) -> Wire:
        token = self.connection.token
        return Wire(
            base_url=self.connection.base_url.rstrip("/"),
            headers={} if token is None else {"authorization": f"Bearer {token}"},
            timeout=self._timeout(self.connection.silence_seconds),
            raise_on_unexpected_status=False,
            httpx_args={
                "transport": Retrying(self._inner, max_retries=max_retries, patience_seconds=patience_seconds),
                # No proxies or passwords of the environment.
                "trust_env": False,
            },
        )


def _pieces(response: httpx.Response) -> Iterator[bytes]:
    try:
        yield from response.iter_bytes()
    except httpx.TransportError as cause:
        raise connection_error(response.request, cause) from cause


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
