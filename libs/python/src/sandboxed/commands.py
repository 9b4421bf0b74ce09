"""Runs programs in a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from .client import Client, undocumented
from .errors import ErrorDetails, SandboxedError, error_of
from .events import follow
from .jobs import Jobs, done
from .wire.api.commands import run_command
from .wire.models.ended_command import EndedCommand
from .wire.models.exec_ import Exec
from .wire.models.run_command_response_2xx_type_1 import (
    RunCommandResponse2XXType1 as AcceptedCommand,
)

CommandLine = str | Sequence[str]
"""A shell line, or a program and its arguments."""


@dataclass(frozen=True)
class CommandResult:
    """How a command ended."""

    exit_code: int
    """128 + n after signal n, which `signal` names."""
    signal: str | None
    stdout: str
    stderr: str
    truncated: bool
    """Whether it wrote more than is kept (1 MiB)."""
    timed_out: bool
    """Whether its time was up."""
    duration_ms: int
    job_id: str


@dataclass(frozen=True)
class OutputPiece:
    """A piece of what a command writes."""

    stream: Literal["stdout", "stderr"]
    text: str


@dataclass(frozen=True)
class BackgroundProcess:
    """A program that goes on by itself."""

    job_id: str
    process_id: str


class RunningCommand:
    """A command under way: iterate over it for its output. Ctrl-C while one waits ends it."""

    def __init__(self, client: Client, job_id: str) -> None:
        self._client = client
        self.job_id = job_id

    def __iter__(self) -> Iterator[OutputPiece]:
        """What it writes, to its end. To stop reading leaves it at work."""
        try:
            path = f"/v1/jobs/{self.job_id}/events"
            for event in follow(self._client, path, job_id=self.job_id):
                text = str(event.data.get("text", ""))
                if event.type == "stdout":
                    yield OutputPiece("stdout", text)
                elif event.type == "stderr":
                    yield OutputPiece("stderr", text)
        except KeyboardInterrupt:
            self._withdraw()
            raise

    def result(self, *, timeout_seconds: float | None = None) -> CommandResult:
        """How it ended, once it has. Raises `TimedOutError`; the command goes on then."""
        return _result_of(self._ended(timeout_seconds), self.job_id)

    def begun(self) -> BackgroundProcess:
        """The process of one in the background, once it has begun."""
        process_id = self._ended(None).get("process_id")
        if isinstance(process_id, str):
            return BackgroundProcess(self.job_id, process_id)
        raise error_of("The command did not begin.", ErrorDetails("internal"))

    def cancel(self) -> None:
        """Asks it to end. Raises `ConflictError` when it is over."""
        Jobs(self._client).cancel(self.job_id)

    def _ended(self, timeout_seconds: float | None) -> Mapping[str, Any]:
        try:
            result = done(self._client, self.job_id, timeout_seconds).result
        except KeyboardInterrupt:
            self._withdraw()
            raise
        return result if isinstance(result, Mapping) else {}

    def _withdraw(self) -> None:
        # It may be over by now.
        with suppress(SandboxedError):
            self.cancel()


class Commands:
    """Runs programs in a sandbox, in its app directory. One that sleeps is started first."""

    def __init__(self, client: Client, sandbox_id: str) -> None:
        self._client = client
        self._id = sandbox_id

    def run(
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
        spec = _spec(command, cwd=cwd, env=env, stdin=stdin, timeout_seconds=timeout_seconds)
        if on_stdout is None and on_stderr is None:
            answer = self._submit(spec, self._client.hold_seconds)
            # With its end, or without when it takes longer.
            if isinstance(answer, EndedCommand):
                return _result_of(answer.to_dict(), answer.job_id)
            return RunningCommand(self._client, answer.job_id).result()
        running = RunningCommand(self._client, self._submit(spec).job_id)
        for piece in running:
            told = on_stdout if piece.stream == "stdout" else on_stderr
            if told is not None:
                told(piece.text)
        return running.result()

    def stream(
        self,
        command: CommandLine,
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
        timeout_seconds: int | None = None,
    ) -> RunningCommand:
        """Begins a command, whose output is read as it comes: `for piece in command`."""
        spec = _spec(command, cwd=cwd, env=env, stdin=stdin, timeout_seconds=timeout_seconds)
        return RunningCommand(self._client, self._submit(spec).job_id)

    def background(
        self,
        command: CommandLine,
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> BackgroundProcess:
        """Begins a program that goes on by itself. It does not keep the sandbox awake."""
        spec = _spec(command, cwd=cwd, env=env, background=True)
        return RunningCommand(self._client, self._submit(spec).job_id).begun()

    def _submit(self, spec: Exec, wait: float = 0.0) -> EndedCommand | AcceptedCommand:
        calls = self._client.calls
        answer = run_command.sync(self._id, client=calls, body=spec, wait=wait)
        if answer is None:
            raise undocumented()
        return answer


def _spec(command: CommandLine, **options: object) -> Exec:
    what = {"shell": command} if isinstance(command, str) else {"cmd": list(command)}
    given = {name: value for name, value in options.items() if value is not None}
    return Exec.from_dict({**given, **what})


def _result_of(ended: Mapping[str, Any], job_id: str) -> CommandResult:
    exit_code = ended.get("exit_code")
    if not isinstance(exit_code, int):
        raise error_of("It is not told how the command ended.", ErrorDetails("internal"))
    return CommandResult(
        exit_code=exit_code,
        signal=ended.get("signal"),
        stdout=str(ended.get("stdout", "")),
        stderr=str(ended.get("stderr", "")),
        truncated=ended.get("truncated") is True,
        timed_out=ended.get("timed_out") is True,
        duration_ms=int(ended.get("duration_ms", 0)),
        job_id=job_id,
    )
