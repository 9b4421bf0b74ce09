"""Coding agents at work in a sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Literal
from urllib.parse import quote

from .client import Client, answered, segment
from .errors import ErrorDetails, SandboxedError, error_of
from .events import follow
from .jobs import ended, settle
from .server_events import Event
from .wire.api.tasks import cancel_task, create_task, get_task, list_tasks, revert_task
from .wire.models.cancel_task_body import CancelTaskBody
from .wire.models.create_task import CreateTask
from .wire.models.list_tasks_status import ListTasksStatus
from .wire.models.revert_task_body import RevertTaskBody
from .wire.models.task import Task
from .wire.models.task_result import TaskResult
from .wire.types import UNSET, Unset
from .withdrawable import withdrawable


class TaskRun:
    """A task under way: iterate over it for what it does. Ctrl-C while one waits cancels it."""

    def __init__(self, client: Client, sandbox_id: str, task_id: str) -> None:
        self._client = client
        self._sandbox_id = sandbox_id
        self.id = task_id

    def __iter__(self) -> Iterator[Event]:
        """What it tells, to its `done`. To stop reading leaves it at work."""
        path = f"/v1/sandboxes/{self._sandbox_id}/tasks/{quote(self.id, safe='')}/events"
        try:
            yield from follow(self._client, path, job_id=self.id)
        except KeyboardInterrupt:
            self._withdraw()
            raise

    def result(self, *, timeout_seconds: float | None = None) -> TaskResult:
        """How it ended, once it has: also a failure is a result.

        Raises `TimedOutError`, and the task goes on; or what it never began for.
        """
        try:
            job = ended(self._client, self.id, timeout_seconds)
        except KeyboardInterrupt:
            self._withdraw()
            raise
        task = answered(get_task.sync(self._sandbox_id, self.id, client=self._client.patient))
        if not isinstance(task.result, Unset):
            return task.result
        if isinstance(job.error, Unset):
            raise error_of("It was cancelled before it began.", ErrorDetails("cancelled"))
        details = ErrorDetails(code=job.error.code, retryable=job.error.retryable)
        raise error_of(job.error.message, details)

    def cancel(self) -> None:
        """Asks the agent to end, which it does within 10 s. Raises `ConflictError` when it is over."""
        cancel_task.sync(self._sandbox_id, self.id, client=self._client.calls, body=CancelTaskBody())

    def _withdraw(self) -> None:
        # It may be over by now.
        with suppress(SandboxedError):
            self.cancel()


class Tasks:
    """Coding agents at work in a sandbox, one task at a time; later ones wait."""

    def __init__(self, client: Client, sandbox_id: str) -> None:
        self._client = client
        self._id = sandbox_id

    def run(
        self,
        agent: str,
        prompt: str,
        *,
        model: str | None = None,
        env: Mapping[str, str] | None = None,
        timeout_seconds: int | None = None,
        continue_session: bool | None = None,
        if_busy: Literal["queue", "reject"] = "queue",
    ) -> TaskRun:
        """Hands a prompt to an agent (`claude-code`, `opencode`, `codex`).

        `for event in task` tells what it does, `task.result()` how it ended. While another is at
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
        task = withdrawable(
            lambda key: answered(
                create_task.sync(self._id, client=calls, body=body, if_busy=if_busy, idempotency_key=key)
            ),
            lambda task: self.attach(task.id).cancel(),
        )
        return self.attach(task.id)

    def attach(self, task_id: str) -> TaskRun:
        """A task that was begun elsewhere, to follow or to wait for."""
        return TaskRun(self._client, self._id, segment(task_id))

    def get(self, task_id: str) -> Task:
        """Reads a task, with its result once it has ended. Raises `NotFoundError`."""
        return answered(get_task.sync(self._id, segment(task_id), client=self._client.calls))

    def list(self, *, status: ListTasksStatus | None = None) -> Iterator[Task]:
        """All tasks, newest first, without their results; pages are read as they are needed."""
        cursor: str | Unset = UNSET
        while True:
            page = answered(
                list_tasks.sync(
                    self._id,
                    client=self._client.calls,
                    limit=200,
                    cursor=cursor,
                    status=status or UNSET,
                )
            )
            yield from page.items
            if not page.next_cursor:
                return
            cursor = page.next_cursor

    def revert(self, task_id: str) -> None:
        """Brings the app directory back to how it was before a task."""
        calls, body = self._client.calls, RevertTaskBody()
        settle(self._client, revert_task.sync(self._id, segment(task_id), client=calls, body=body))
