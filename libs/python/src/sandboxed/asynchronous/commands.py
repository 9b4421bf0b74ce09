"""Runs programs in a sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from typing import Any

from ..answers import undocumented
from ..command import (
    BackgroundProcess,
    CommandLine,
    CommandResult,
    OutputPiece,
    command_result,
    command_spec,
    output_of,
)
from ..errors import ErrorDetails, SandboxedError, error_of
from ..wire.api.commands import run_command
from ..wire.models.ended_command import EndedCommand
from ..wire.models.exec_ import Exec
from ..wire.models.run_command_response_2xx_type_1 import (
    RunCommandResponse2XXType1 as AcceptedCommand,
)
from . import waiting
from .client import AsyncClient
from .events import follow
from .jobs import AsyncJobs, done


class AsyncRunningCommand:
    """A command under way: `async for piece in command` tells its output.

    It is ended in the sandbox when one is interrupted while one waits for it: by Ctrl-C, or by the
    cancellation of an asyncio task.
    """

    def __init__(self, client: AsyncClient, job_id: str) -> None:
        self._client = client
        self.job_id = job_id

    async def __aiter__(self) -> AsyncIterator[OutputPiece]:
        """What it writes, to its end. To stop reading leaves it at work."""
        try:
            path = f"/v1/jobs/{self.job_id}/events"
            async for event in follow(self._client, path, job_id=self.job_id):
                piece = output_of(event)
                if piece is not None:
                    yield piece
        except waiting.interruption():
            await self._withdraw()
            raise

    async def result(self, *, timeout_seconds: float | None = None) -> CommandResult:
        """How it ended, once it has. Raises `TimedOutError`; the command goes on then."""
        return command_result(await self._ended(timeout_seconds), self.job_id)

    async def begun(self) -> BackgroundProcess:
        """The process of one in the background, once it has begun."""
        process_id = (await self._ended(None)).get("process_id")
        if isinstance(process_id, str):
            return BackgroundProcess(self.job_id, process_id)
        raise error_of("The command did not begin.", ErrorDetails("internal"))

    async def cancel(self) -> None:
        """Asks it to end. Raises `ConflictError` when it is over."""
        await AsyncJobs(self._client).cancel(self.job_id)

    async def _ended(self, timeout_seconds: float | None) -> Mapping[str, Any]:
        try:
            job = await done(self._client, self.job_id, timeout_seconds)
        except waiting.interruption():
            await self._withdraw()
            raise
        return job.result if isinstance(job.result, Mapping) else {}

    async def _withdraw(self) -> None:
        # It may be over by now.
        with waiting.undisturbed(), suppress(SandboxedError):
            await self.cancel()


class AsyncCommands:
    """Runs programs in a sandbox, in its app directory. One that sleeps is started first."""

    def __init__(self, client: AsyncClient, sandbox_id: str) -> None:
        self._client = client
        self._id = sandbox_id

    async def run(
        self,
        command: CommandLine,
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
        timeout_seconds: int | None = None,
        on_stdout: Callable[[str], None] | None = None,
        on_stderr: Callable[[str], None] | None = None,
    ) -> CommandResult:
        """Runs a command to its end; an exit code that is not 0 is a result.

        It is ended after `timeout_seconds`, 600 unless given, and `timed_out` says so. Raises
        `SandboxedError` when it could not be run.
        """
        spec = command_spec(command, cwd=cwd, env=env, stdin=stdin, timeout_seconds=timeout_seconds)
        if on_stdout is None and on_stderr is None:
            answer = await self._submit(spec, self._client.hold_seconds)
            # With its end, or without when it takes longer.
            if isinstance(answer, EndedCommand):
                return command_result(answer.to_dict(), answer.job_id)
            return await AsyncRunningCommand(self._client, answer.job_id).result()
        running = AsyncRunningCommand(self._client, (await self._submit(spec)).job_id)
        async for piece in running:
            told = on_stdout if piece.stream == "stdout" else on_stderr
            if told is not None:
                told(piece.text)
        return await running.result()

    async def stream(
        self,
        command: CommandLine,
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
        timeout_seconds: int | None = None,
    ) -> AsyncRunningCommand:
        """Begins a command, whose output is read as it comes: `async for piece in command`."""
        spec = command_spec(command, cwd=cwd, env=env, stdin=stdin, timeout_seconds=timeout_seconds)
        return AsyncRunningCommand(self._client, (await self._submit(spec)).job_id)

    async def background(
        self,
        command: CommandLine,
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> BackgroundProcess:
        """Begins a program that goes on by itself. It does not keep the sandbox awake."""
        spec = command_spec(command, cwd=cwd, env=env, background=True)
        return await AsyncRunningCommand(self._client, (await self._submit(spec)).job_id).begun()

    async def _submit(self, spec: Exec, wait: float = 0.0) -> EndedCommand | AcceptedCommand:
        calls = self._client.calls
        answer = await run_command.asyncio(self._id, client=calls, body=spec, wait=wait)
        if answer is None:
            raise undocumented()
        return answer
