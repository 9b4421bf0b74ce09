"""What the cancellation of a task of asyncio does, which synchronous programs do not have."""

from __future__ import annotations

import asyncio

import anyio
import httpx
import pytest

from sandboxed import AsyncClient, AsyncRunningCommand, AsyncSandbox, AsyncTasks, Connection

pytestmark = pytest.mark.anyio

JOB = {"id": "J", "kind": "exec", "sandbox_id": "S", "attempts": 1, "requested_by": "x", "created_at": "now"}


class Stuck(httpx.AsyncBaseTransport):
    """Never answers a call of `path` and tells that it came, but others, which it remembers."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.is_stuck = asyncio.Event()
        self.came: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == self.path and not self.is_stuck.is_set():
            self.is_stuck.set()
            await asyncio.Event().wait()
        self.came.append(f"{request.method} {request.url.path}")
        if request.url.path.startswith("/v1/jobs/"):
            return httpx.Response(200, json={**JOB, "status": "cancelled"})
        return httpx.Response(404, json={"code": "not_found", "detail": "No."})


async def cancelled_at(stuck: Stuck, work: asyncio.Task[object]) -> list[str]:
    """What is called after the cancellation of what is stuck."""
    await stuck.is_stuck.wait()
    before = len(stuck.came)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    return stuck.came[before:]


def client(stuck: Stuck) -> AsyncClient:
    return AsyncClient(Connection("http://x", async_transport=stuck))


async def test_ends_a_command_in_the_sandbox_that_is_waited_for() -> None:
    stuck = Stuck("/v1/jobs/J")
    work = asyncio.create_task(AsyncRunningCommand(client(stuck), "J").result())
    assert await cancelled_at(stuck, work) == ["POST /v1/jobs/J/cancel"]


async def test_ends_a_task_in_the_sandbox_that_is_iterated_over() -> None:
    stuck = Stuck("/v1/sandboxes/S/tasks/J/events")

    async def read() -> None:
        async for _ in AsyncTasks(client(stuck), "S").attach("J"):
            pass

    assert await cancelled_at(stuck, asyncio.create_task(read())) == ["POST /v1/sandboxes/S/tasks/J/cancel"]


async def test_ends_it_also_within_a_scope_that_cancels_whatever_is_awaited() -> None:
    stuck = Stuck("/v1/jobs/J")
    running = AsyncRunningCommand(client(stuck), "J")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(running.result)
        await stuck.is_stuck.wait()
        tasks.cancel_scope.cancel()
    assert stuck.came == ["POST /v1/jobs/J/cancel"]


async def test_asks_under_the_same_key_for_the_sandbox_that_may_have_been_made() -> None:
    stuck = Stuck("/v1/sandboxes")
    connection = Connection("http://x", async_transport=stuck)
    work = asyncio.create_task(AsyncSandbox.create(connection))
    assert await cancelled_at(stuck, work) == ["POST /v1/sandboxes"]
