"""How calls are tried again, against scripted answers."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable
from importlib import import_module
from typing import Any

import httpx
import pytest

from sandboxed import (
    AsyncClient,
    AsyncSandbox,
    ConflictError,
    Connection,
    ConnectionFailedError,
    InvalidRequestError,
    LimitError,
    NotFoundError,
    SandboxedError,
    UnavailableError,
    backoff,
    retrying,
)
from sandboxed.asynchronous import waiting
from sandboxed.asynchronous.files import AsyncFiles
from sandboxed.asynchronous.services import AsyncServices
from sandboxed.errors import CLASS_OF_CODE
from sandboxed.refusal import refusal_of
from sandboxed.wire import api
from sandboxed.wire.api.jobs import get_job
from sandboxed.wire.api.sandboxes import delete_sandbox, stop_sandbox
from sandboxed.wire.models.problem_code import PROBLEM_CODE_VALUES
from sandboxed.wire.models.stop_sandbox import StopSandbox

pytestmark = pytest.mark.anyio

Answer = Callable[[httpx.Request], httpx.Response]


class Script(httpx.AsyncBaseTransport):
    """Answers one after the other and remembers what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.came: list[httpx.Request] = []
        self.closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.came.append(request)
        return self.answers.pop(0)(request)

    async def aclose(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nothing is waited for; tells for how long it would have been."""
    waits: list[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(waiting, "sleep", note)
    return waits


def problem(status: int, code: str, **more: object) -> Answer:
    body = {"code": code, "detail": f"It is {code}.", "status": status, "retryable": False, **more}
    return lambda _: httpx.Response(status, json=body)


def broken(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("gone", request=request)


def cut_short(_: httpx.Request) -> httpx.Response:
    class Cut(httpx.AsyncByteStream):
        async def __aiter__(self):  # type: ignore[no-untyped-def]
            yield b'{"id":'
            raise httpx.RemoteProtocolError("closed early")

    return httpx.Response(200, stream=Cut())


def at_work(_: httpx.Request) -> httpx.Response:
    return httpx.Response(202, json={"id": "S"})


def client(script: Script) -> AsyncClient:
    return AsyncClient(Connection("http://x", token="t", async_transport=script))


async def stop(script: Script) -> None:
    await stop_sandbox.asyncio_detailed("S", client=client(script).calls, body=StopSandbox())


@pytest.mark.parametrize("first", [broken, cut_short, problem(503, "no_capacity"), problem(429, "rate_limited")])
async def test_sends_a_post_again_under_the_key_of_its_first_try(first: Answer) -> None:
    script = Script(first, first, problem(409, "busy"))
    with pytest.raises(ConflictError):
        await stop(script)
    keys = {request.headers["idempotency-key"] for request in script.came}
    assert len(script.came) == 3
    assert len(keys) == 1
    assert script.came[0].headers["authorization"] == "Bearer t"


async def test_gives_up_after_five_more_tries_with_growing_pauses(slept: list[float]) -> None:
    script = Script(*[broken] * 7)
    with pytest.raises(ConnectionFailedError) as caught:
        await stop(script)
    assert caught.value.retryable
    assert len(script.came) == 6
    assert len(slept) == 5
    assert all(0.1 * 2**n <= wait <= 0.2 * 2**n for n, wait in enumerate(slept))


async def test_waits_as_long_as_it_is_asked_to_but_not_longer_than_a_minute(slept: list[float]) -> None:
    def later(seconds: str) -> Answer:
        body = {"code": "rate_limited", "detail": "Later.", "retryable": True}
        return lambda _: httpx.Response(429, json=body, headers={"retry-after": seconds})

    with pytest.raises(LimitError) as caught:
        await stop(Script(later("7"), later("61")))
    assert caught.value.retry_after_seconds == 61
    assert [int(wait) for wait in slept] == [7]
    assert backoff.retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert backoff.retry_after("soon") is None


async def test_does_not_repeat_what_the_api_has_decided_nor_a_call_that_was_held() -> None:
    for answer in (problem(502, "agent_unreachable"), problem(504, "timed_out")):
        script = Script(answer)
        with pytest.raises(SandboxedError):
            await stop(script)
    script = Script(problem(503, "no_capacity"))
    with pytest.raises(UnavailableError):
        await get_job.asyncio("J", client=client(script).calls, wait=5)


@pytest.mark.parametrize("condition", [{"if_match": '"1"'}, {"if_new": True}])
async def test_makes_a_conditional_write_once(condition: dict[str, Any]) -> None:
    script = Script(broken)
    with pytest.raises(ConnectionFailedError):
        await AsyncFiles(client(script), "S").write("a", "x", **condition)
    assert len(script.came) == 1


async def test_leaves_no_connection_open_when_nobody_gets_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    async def connect(to: Connection) -> None:
        await AsyncSandbox.connect(to, "S")

    async def create(to: Connection) -> None:
        await AsyncSandbox.create(to, name="x")

    for ask in (connect, create):
        script = Script(problem(404, "sandbox_not_found"))
        monkeypatch.setattr(httpx, "AsyncHTTPTransport", lambda script=script: script)
        with pytest.raises(NotFoundError):
            await ask(Connection("http://x"))
        assert script.closed
    given = Script(problem(404, "sandbox_not_found"))
    with pytest.raises(NotFoundError):
        await AsyncSandbox.connect(Connection("http://x", async_transport=given), "S")
    assert not given.closed


async def test_repeats_what_a_proxy_answers() -> None:
    script = Script(lambda _: httpx.Response(502, text="<html>"), at_work)
    with pytest.raises(KeyError):
        # That it is no sandbox is not of interest here.
        await stop(script)
    assert len(script.came) == 2


async def test_takes_what_an_earlier_try_deleted_as_deleted() -> None:
    gone = problem(404, "sandbox_not_found")
    assert await delete_sandbox.asyncio("S", client=client(Script(broken, gone)).calls) is None
    with pytest.raises(NotFoundError):
        await delete_sandbox.asyncio("S", client=client(Script(gone)).calls)


async def test_sends_no_key_with_exactly_those_calls_that_take_none() -> None:
    posts = 0
    for found in pkgutil.walk_packages(api.__path__, f"{api.__name__}."):
        if found.ispkg:
            continue
        module = import_module(found.name)
        parameters = inspect.signature(module._get_kwargs).parameters
        needed = [name for name, each in parameters.items() if each.default is inspect.Parameter.empty]
        call = module._get_kwargs(**dict.fromkeys(needed, "x"))
        if call["method"] != "post":
            continue
        posts += 1
        assert retrying.takes_key("POST", call["url"]) is ("idempotency_key" in parameters), call["url"]
    assert posts > 15


async def test_has_a_class_for_every_code_of_the_document() -> None:
    assert set(PROBLEM_CODE_VALUES) - CLASS_OF_CODE.keys() == set()


async def test_tells_all_that_a_refusal_says() -> None:
    quota = {"name": "max_sandboxes", "used": 3, "limit": 3}
    answer = problem(
        403,
        "quota_exceeded",
        request_id="R",
        quota=quota,
        errors=[{"path": "/ports/0", "message": "too big"}],
    )(httpx.Request("GET", "http://x"))
    error = refusal_of(answer)
    assert isinstance(error, LimitError)
    assert (error.status, error.request_id, error.message) == (403, "R", "It is quota_exceeded.")
    assert error.quota is not None
    assert error.quota.limit == 3
    assert error.fields[0].path == "/ports/0"


@pytest.mark.parametrize("name", ["", ".", ".."])
async def test_refuses_names_that_would_make_another_call(name: str) -> None:
    script = Script()
    with pytest.raises(InvalidRequestError):
        await AsyncServices(client(script), "S").remove(name)
    with pytest.raises(InvalidRequestError):
        await AsyncSandbox.connect(Connection("http://x", async_transport=script), name)
    assert script.came == []
