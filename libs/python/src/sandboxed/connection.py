"""How an installation is reached."""

from __future__ import annotations

from dataclasses import dataclass

import httpx


@dataclass(frozen=True)
class Connection:
    """Address and token of an installation; nothing is read from the environment."""

    base_url: str
    """Such as `http://127.0.0.1:9090`."""
    token: str | None = None
    """A token of the installation or an API key; an open installation needs none."""
    max_retries: int = 5
    """How often a call is tried again that was not answered, or with 429, 502, 503 or 504."""
    patience_seconds: float = 180.0
    """How long a stream, or the wait for a job, tries again instead: an upgrade takes a minute or two."""
    silence_seconds: float = 60.0
    """The longest time without an answer, or without a sign of life on a stream."""
    transport: httpx.BaseTransport | None = None
    """What makes requests; httpx's own unless given."""
    async_transport: httpx.AsyncBaseTransport | None = None
    """The same for `AsyncSandbox`."""
