"""A connection at work: generated calls are made through it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from ..connection import Connection
from ..retrying import connection_error
from ..wire.client import Client as Wire
from . import waiting
from .transport import STREAMED, AsyncRetrying

_LONGEST_HOLD_SECONDS = 30.0
_CONNECT_SECONDS = 10.0
_UPLOAD_SECONDS = 3600.0
"""Nobody tells how far an upload got, which may be large and the line slow."""


class AsyncClient:
    """What the generated functions of `sandboxed.wire.api` take: `await get_usage.asyncio(client=c.calls)`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._inner = connection.async_transport or httpx.AsyncHTTPTransport()
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

    async def send(
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
        return await self.calls.get_async_httpx_client().request(
            method,
            path,
            content=content,
            params=params,
            headers={**(headers or {}), "content-type": content_type},
            timeout=self._timeout(_UPLOAD_SECONDS),
        )

    @asynccontextmanager
    async def streamed(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        tries_again: bool = True,
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """The pieces of an answer as they come, heartbeats of streams too.

        Raises `ConnectionFailedError` when it breaks off or goes silent in between.
        """
        wire = self.calls if tries_again else self.once
        async with wire.get_async_httpx_client().stream(
            "GET", path, params=params, headers=headers, extensions={STREAMED: True}
        ) as response:
            yield _pieces(response)

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Around what somebody gets this client by: when it fails, nobody else can close its connections."""
        try:
            yield
        except BaseException:
            if self.connection.async_transport is None:
                with waiting.undisturbed():
                    await self.close()
            raise

    async def close(self) -> None:
        """Closes connections that are kept open; what is called later opens new ones."""
        await self._inner.aclose()

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
                "transport": AsyncRetrying(self._inner, max_retries=max_retries, patience_seconds=patience_seconds),
                # No proxies or passwords of the environment.
                "trust_env": False,
            },
        )


async def _pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in response.aiter_bytes():
            yield piece
    except httpx.TransportError as cause:
        raise connection_error(response.request, cause) from cause
