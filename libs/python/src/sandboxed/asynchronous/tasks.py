"""Coding agents at work in a sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Literal
from urllib.parse import quote

from ..answers import answered, failure_of, segment
from ..errors import SandboxedError
from ..server_events import Event
from ..wire.api.tasks import cancel_task, create_task, get_task, list_tasks, revert_task
from ..wire.models.cancel_task_body import CancelTaskBody
from ..wire.models.create_task import CreateTask
from ..wire.models.list_tasks_status import ListTasksStatus
from ..wire.models.revert_task_body import RevertTaskBody
from ..wire.models.task import Task
from ..wire.models.task_result import TaskResult
from ..wire.types import UNSET, Unset
from . import waiting
from .client import AsyncClient
from .events import follow
from .jobs import ended, settle
from .withdrawable import withdrawable


class AsyncTaskRun:
    """A task under way: `async for event in task` tells what it does.

    It is cancelled in the sandbox when one is interrupted while one waits for it: by Ctrl-C, or by
    the cancellation of an asyncio task.
    """

    def __init__(self, client: AsyncClient, sandbox_id: str, task_id: str) -> None:
        self._client = client
        self._sandbox_id = sandbox_id
        self.id = task_id

    async def __aiter__(self) -> AsyncIterator[Event]:
        """What it tells, to its `done`. To stop reading leaves it at work."""
        path = f"/v1/sandboxes/{self._sandbox_id}/tasks/{quote(self.id, safe='')}/events"
        try:
            async for event in follow(self._client, path, job_id=self.id):
                yield event
        except waiting.interruption():
            await self._withdraw()
            raise

    async def result(self, *, timeout_seconds: float | None = None) -> TaskResult:
        """How it ended, once it has: also a failure is a result.

        Raises `TimedOutError`, and the task goes on; or what it never began for.
        """
        try:
            job = await ended(self._client, self.id, timeout_seconds)
        except waiting.interruption():
            await self._withdraw()
            raise
        task = answered(await get_task.asyncio(self._sandbox_id, self.id, client=self._client.patient))
        if not isinstance(task.result, Unset):
            return task.result
        raise failure_of(job, "It was cancelled before it began.")

    async def cancel(self) -> None:
        """Asks the agent to end, which it does within 10 s. Raises `ConflictError` when it is over."""
        await cancel_task.asyncio(self._sandbox_id, self.id, client=self._client.calls, body=CancelTaskBody())

    async def _withdraw(self) -> None:
        # It may be over by now.
        with waiting.undisturbed(), suppress(SandboxedError):
            await self.cancel()


class AsyncTasks:
    """Coding agents at work in a sandbox, one task at a time; later ones wait."""

    def __init__(self, client: AsyncClient, sandbox_id: str) -> None:
        self._client = client
        self._id = sandbox_id

    async def run(
        self,
        agent: str,
        prompt: str,
        *,
        model: str | None = None,
        env: Mapping[str, str] | None = None,
        timeout_seconds: int | None = None,
        continue_session: bool | None = None,
        if_busy: Literal["queue", "reject"] = "queue",
    ) -> AsyncTaskRun:
        """Hands a prompt to an agent (`claude-code`, `opencode`, `codex`).

        `async for event in task` tells what it does, `await task.result()` how it ended. While another is at
        work it waits, unless `if_busy` is `reject`, which raises `ConflictError`.
        """
        given = {
            "agent": agent,
            "prompt": prompt,
            "model": model,
            "env": env,
            "timeout_seconds": timeout_seconds,
            "continue": continue_session,
        }
        body = CreateTask.from_dict({k: v for k, v in given.items() if v is not None})
        calls = self._client.calls

        async def send(key: str) -> Task:
            return answered(
                await create_task.asyncio(self._id, client=calls, body=body, if_busy=if_busy, idempotency_key=key)
            )

        async def undo(task: Task) -> None:
            await self.attach(task.id).cancel()

        task = await withdrawable(send, undo)
        return self.attach(task.id)

    def attach(self, task_id: str) -> AsyncTaskRun:
        """A task that was begun elsewhere, to follow or to wait for."""
        return AsyncTaskRun(self._client, self._id, segment(task_id))

    async def get(self, task_id: str) -> Task:
        """Reads a task, with its result once it has ended. Raises `NotFoundError`."""
        return answered(await get_task.asyncio(self._id, segment(task_id), client=self._client.calls))

    async def list(self, *, status: ListTasksStatus | None = None) -> AsyncIterator[Task]:
        """All tasks, newest first, without their results; pages are read as they are needed."""
        cursor: str | Unset = UNSET
        while True:
            page = answered(
                await list_tasks.asyncio(
                    self._id,
                    client=self._client.calls,
                    limit=200,
                    cursor=cursor,
                    status=status or UNSET,
                )
            )
            for task in page.items:
                yield task
            if not page.next_cursor:
                return
            cursor = page.next_cursor

    async def revert(self, task_id: str) -> None:
        """Brings the app directory back to how it was before a task."""
        calls, body = self._client.calls, RevertTaskBody()
        await settle(self._client, await revert_task.asyncio(self._id, segment(task_id), client=calls, body=body))
