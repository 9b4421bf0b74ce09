"""What a command is, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .errors import ErrorDetails, error_of
from .server_events import Event
from .wire.models.exec_ import Exec

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


def command_spec(command: CommandLine, **options: object) -> Exec:
    """What the API is asked to run."""
    what = {"shell": command} if isinstance(command, str) else {"cmd": list(command)}
    given = {name: value for name, value in options.items() if value is not None}
    return Exec.from_dict({**given, **what})


def output_of(event: Event) -> OutputPiece | None:
    """The output that an event of a command tells, if any."""
    text = str(event.data.get("text", ""))
    if event.type == "stdout":
        return OutputPiece("stdout", text)
    return OutputPiece("stderr", text) if event.type == "stderr" else None


def command_result(ended: Mapping[str, Any], job_id: str) -> CommandResult:
    """How a command ended, of what its job says."""
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
