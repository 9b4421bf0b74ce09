"""Sandboxes of your own, on your own host.

`sandboxed.wire` is generated from the OpenAPI document and has every call; what is here is made
of it, for programs that wait standing still (`Sandbox`) and those that `await` (`AsyncSandbox`).
"""

from .asynchronous.client import AsyncClient
from .asynchronous.commands import AsyncCommands, AsyncRunningCommand
from .asynchronous.files import AsyncFiles
from .asynchronous.jobs import AsyncJobs
from .asynchronous.preview import AsyncPreview
from .asynchronous.sandbox import AsyncSandbox
from .asynchronous.services import AsyncServices
from .asynchronous.tasks import AsyncTaskRun, AsyncTasks
from .command import BackgroundProcess, CommandResult, OutputPiece
from .connection import Connection
from .errors import (
    AuthenticationError,
    CancelledError,
    ConflictError,
    ConnectionFailedError,
    FailureError,
    InvalidRequestError,
    LimitError,
    NotFoundError,
    PermissionDeniedError,
    PreconditionFailedError,
    SandboxedError,
    TimedOutError,
    UnavailableError,
)
from .server_events import Event
from .synchronous.client import Client
from .synchronous.commands import Commands, RunningCommand
from .synchronous.files import Files
from .synchronous.jobs import Jobs
from .synchronous.preview import Preview
from .synchronous.sandbox import Sandbox
from .synchronous.services import Services
from .synchronous.tasks import TaskRun, Tasks

__all__ = [
    "AsyncClient",
    "AsyncCommands",
    "AsyncFiles",
    "AsyncJobs",
    "AsyncPreview",
    "AsyncRunningCommand",
    "AsyncSandbox",
    "AsyncServices",
    "AsyncTaskRun",
    "AsyncTasks",
    "AuthenticationError",
    "BackgroundProcess",
    "CancelledError",
    "Client",
    "CommandResult",
    "Commands",
    "ConflictError",
    "Connection",
    "ConnectionFailedError",
    "Event",
    "FailureError",
    "Files",
    "InvalidRequestError",
    "Jobs",
    "LimitError",
    "NotFoundError",
    "OutputPiece",
    "PermissionDeniedError",
    "PreconditionFailedError",
    "Preview",
    "RunningCommand",
    "Sandbox",
    "SandboxedError",
    "Services",
    "TaskRun",
    "Tasks",
    "TimedOutError",
    "UnavailableError",
]
