"""How streams are cut into events and taken up again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from sandboxed import AsyncClient, Connection, ConnectionFailedError, NotFoundError
from sandboxed.asynchronous import waiting
from sandboxed.asynchronous.events import follow

pytestmark = pytest.mark.anyio

JOB = {"id": "J", "kind": "exec", "sandbox_id": "S", "attempts": 1, "requested_by": "x", "created_at": "now"}


class Streams(httpx.AsyncBaseTransport):
    """Tells one stream after the other; one that ends with None breaks off."""

    def __init__(self, *streams: list[bytes | None], status: str = "running") -> None:
        self.streams = list(streams)
        self.status = status
        self.last: list[str | None] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/jobs/J":
            return httpx.Response(200, json={**JOB, "status": self.status})
        self.last.append(request.headers.get("last-event-id"))
        if not self.streams:
            return httpx.Response(404, json={"code": "job_not_found", "detail": "No."})
        return httpx.Response(200, stream=Pieces(self.streams.pop(0)))


class Pieces(httpx.AsyncByteStream):
    def __init__(self, pieces: list[bytes | None]) -> None:
        self.pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            if piece is None:
                raise httpx.ReadError("cut")
            yield piece


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(_: float) -> None:
        """Nothing is waited for."""

    monkeypatch.setattr(waiting, "sleep", at_once)


def event(number: int, kind: str = "stdout") -> bytes:
    return f'id: {number}\nevent: {kind}\ndata: {{"text":"{number}"}}\n\n'.encode()


async def told(streams: Streams, patience_seconds: float = 180.0) -> list[str | None]:
    connection = Connection("http://x", async_transport=streams, patience_seconds=patience_seconds)
    client = AsyncClient(connection)
    return [each.id async for each in follow(client, "/v1/jobs/J/events", job_id="J")]


async def test_takes_a_stream_up_after_the_last_event_that_came() -> None:
    streams = Streams([event(1), event(2)[:9], None], [event(2)], [None], [event(3, "done")])
    assert await told(streams) == ["1", "2", "3"]
    assert streams.last == [None, "1", "2", "2"]


async def test_ends_with_a_job_whose_stream_has_nothing_more_to_tell() -> None:
    assert await told(Streams([event(1)], [], [], status="succeeded")) == ["1"]


async def test_gives_up_when_patience_ends_and_at_once_when_it_is_refused() -> None:
    with pytest.raises(ConnectionFailedError):
        await told(Streams([event(1), None]), patience_seconds=0)
    with pytest.raises(NotFoundError):
        await told(Streams([event(1), None]))
