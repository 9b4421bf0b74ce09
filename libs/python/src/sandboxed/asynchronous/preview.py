"""What a sandbox serves on one of its ports."""

from __future__ import annotations

import time

from ..answers import answered
from ..errors import ErrorDetails, TimedOutError, error_of
from ..wire.api.previews import create_preview_link
from ..wire.api.sandboxes import get_sandbox
from ..wire.models.create_preview_link_body import CreatePreviewLinkBody
from ..wire.types import UNSET, Unset
from . import waiting
from .client import AsyncClient

_POLL_SECONDS = 0.2
_RUNS = ("creating", "starting", "running")
"""States of a sandbox that runs or soon will."""


class AsyncPreview:
    """What a sandbox serves on one of its ports."""

    def __init__(self, client: AsyncClient, sandbox_id: str, port: int, url: str) -> None:
        self._client = client
        self._id = sandbox_id
        self.port = port
        self.url = url
        """Where a browser finds it. A sandbox that sleeps wakes for it."""

    async def ready(self, *, timeout_seconds: float = 60.0) -> AsyncPreview:
        """Waits until something listens on the port. Raises `TimedOutError`.

        Does not wake a sandbox: raises `ConflictError` (`sandbox_not_running`) for one that sleeps.
        """
        until = time.monotonic() + timeout_seconds
        while True:
            info = answered(await get_sandbox.asyncio(self._id, client=self._client.calls))
            previews = info.previews
            if not isinstance(previews, Unset):
                mine = previews.additional_properties.get(str(self.port))
                if mine is not None and mine.listening is True:
                    return self
            if info.status not in _RUNS:
                raise error_of(
                    f"Nothing will listen on port {self.port}: the sandbox is {info.status}. "
                    f"Start it, or open {self.url}, which wakes it.",
                    ErrorDetails("sandbox_not_running"),
                )
            if time.monotonic() > until:
                raise TimedOutError(
                    f"Nothing listens on port {self.port} after {timeout_seconds} s.",
                    ErrorDetails("timed_out", retryable=True),
                )
            await waiting.sleep(_POLL_SECONDS)

    async def link(self, *, expires_in_seconds: int | None = None) -> str:
        """A URL that opens the preview of a private sandbox, for an hour unless told otherwise."""
        body = CreatePreviewLinkBody(port=self.port, expires_in=expires_in_seconds or UNSET)
        calls = self._client.calls
        return answered(await create_preview_link.asyncio(self._id, client=calls, body=body)).url
