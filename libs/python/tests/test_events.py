"""How streams are cut into events and taken up again."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from sandboxed import Client, Connection, ConnectionFailedError, FailureError, NotFoundError
from sandboxed.events import follow
from sandboxed.server_events import events_of

JOB = {"id": "J", "kind": "exec", "sandbox_id": "S", "attempts": 1, "requested_by": "x", "created_at": "now"}


class Streams(httpx.BaseTransport):
    """Tells one stream after the other; one that ends with None breaks off."""

    def __init__(self, *streams: list[bytes | None], status: str = "running") -> None:
        self.streams = list(streams)
        self.status = status
        self.last: list[str | None] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/jobs/J":
            return httpx.Response(200, json={**JOB, "status": self.status})
        self.last.append(request.headers.get("last-event-id"))
        if not self.streams:
            return httpx.Response(404, json={"code": "job_not_found", "detail": "No."})
        return httpx.Response(200, stream=Pieces(self.streams.pop(0)))


class Pieces(httpx.SyncByteStream):
    def __init__(self, pieces: list[bytes | None]) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if piece is None:
                raise httpx.ReadError("cut")
            yield piece


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)


def event(number: int, kind: str = "stdout") -> bytes:
    return f'id: {number}\nevent: {kind}\ndata: {{"text":"{number}"}}\n\n'.encode()


def told(streams: Streams, patience_seconds: float = 180.0) -> list[str | None]:
    connection = Connection("http://x", transport=streams, patience_seconds=patience_seconds)
    client = Client(connection)
    return [each.id for each in follow(client, "/v1/jobs/J/events", job_id="J")]


def test_takes_a_stream_up_after_the_last_event_that_came() -> None:
    streams = Streams([event(1), event(2)[:9], None], [event(2)], [None], [event(3, "done")])
    assert told(streams) == ["1", "2", "3"]
    assert streams.last == [None, "1", "2", "2"]


def test_ends_with_a_job_whose_stream_has_nothing_more_to_tell() -> None:
    assert told(Streams([event(1)], [], [], status="succeeded")) == ["1"]


def test_gives_up_when_patience_ends_and_at_once_when_it_is_refused() -> None:
    with pytest.raises(ConnectionFailedError):
        told(Streams([event(1), None]), patience_seconds=0)
    with pytest.raises(NotFoundError):
        told(Streams([event(1), None]))


def test_cuts_events_wherever_pieces_end_and_passes_over_heartbeats() -> None:
    text = ': beat\n\nid: 7\r\nevent: message\r\ndata: {"text":\r\ndata: "ä\u2028b"}\r\n\r\n'.encode()
    for size in (1, 2, 3, len(text)):
        pieces = (text[at : at + size] for at in range(0, len(text), size))
        assert [(each.id, each.type, each.data) for each in events_of(pieces)] == [
            ("7", "message", {"text": "ä\u2028b"})
        ]


def test_bounds_an_event_and_wants_json() -> None:
    with pytest.raises(FailureError):
        list(events_of(iter([b"data: x\n\n"])))
    with pytest.raises(FailureError):
        list(events_of(b"x" * 1_048_576 for _ in range(17)))
