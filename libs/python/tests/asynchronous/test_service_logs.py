"""How the log of a service is taken up again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from sandboxed import AsyncClient, AsyncServices, ConflictError, Connection, ConnectionFailedError
from sandboxed.asynchronous import waiting

pytestmark = pytest.mark.anyio

Answer = list[bytes | None] | tuple[int, str]
"""What a stream tells, which breaks off at None; or a refusal."""
POSITION = b"id: r-0\nevent: position\ndata: {}\n\n"
NO_NUMBER = b'event: log\ndata: {"text":"one"}\n\n'


def log(position: str, text: str) -> bytes:
    return f'id: {position}\nevent: log\ndata: {{"text":"{text}"}}\n\n'.encode()


class Logs(httpx.AsyncBaseTransport):
    """Gives one answer after the other, the last one again and again."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.last: list[str | None] = []
        self.urls: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.last.append(request.headers.get("last-event-id"))
        self.urls.append(request.url.raw_path.decode())
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, tuple):
            return httpx.Response(answer[0], json={"code": answer[1], "detail": "No."})
        return httpx.Response(200, stream=Pieces(answer))


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


def followed(logs: Logs, patience_seconds: float = 180.0) -> AsyncIterator[str]:
    connection = Connection("http://x", async_transport=logs, patience_seconds=patience_seconds)
    return AsyncServices(AsyncClient(connection), "S").follow("web", tail=7)


async def test_goes_on_after_the_last_piece_that_came_until_the_sandbox_sleeps() -> None:
    logs = Logs(
        [POSITION, None],
        [log("r-3", "one"), log("r-6", "two")[:12], None],
        (502, "agent_unreachable"),
        [log("r-6", "two")],
        (409, "sandbox_not_running"),
    )
    assert [text async for text in followed(logs)] == ["one", "two"]
    assert logs.last == [None, "r-0", "r-3", "r-3", "r-6"]
    assert set(logs.urls) == {"/v1/sandboxes/S/services/web/logs?tail=7&follow=true"}


async def test_tells_where_something_is_missing() -> None:
    logs = Logs(
        [log("r-3", "one"), None],
        [b'event: trimmed\ndata: {"message":"gone"}\n\n', log("s-9", "two")],
        (404, "service_not_found"),
    )
    gaps: list[str] = []
    services = AsyncServices(AsyncClient(Connection("http://x", async_transport=logs)), "S")
    texts = services.follow("web", on_gap=lambda: gaps.append("gap"))
    assert [text async for text in texts] == ["one", "two"]
    assert gaps == ["gap"]
    assert logs.last[-1] == "s-9"


async def test_gives_up_when_patience_ends() -> None:
    texts = followed(Logs([log("r-3", "one"), None], [None]), patience_seconds=0)
    assert await anext(texts) == "one"
    with pytest.raises(ConnectionFailedError) as caught:
        await anext(texts)
    assert caught.value.message == "The log of web broke off and could not be taken up."


async def test_follows_a_log_without_numbers_to_its_end_and_says_when_that_is_not_reached() -> None:
    assert [text async for text in followed(Logs([NO_NUMBER]))] == ["one"]
    texts = followed(Logs([NO_NUMBER, None]))
    assert await anext(texts) == "one"
    with pytest.raises(ConnectionFailedError):
        await anext(texts)


async def test_says_why_a_log_cannot_be_followed() -> None:
    with pytest.raises(ConflictError):
        await anext(followed(Logs((409, "sandbox_not_running"))))
