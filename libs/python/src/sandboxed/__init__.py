"""Sandboxes of your own, on your own host.

`sandboxed.wire` is generated from the OpenAPI document and has every call; what is here is made
of it.
"""

from .client import Client
from .commands import BackgroundProcess, CommandResult, Commands, OutputPiece, RunningCommand
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
from .files import Files
from .jobs import Jobs
from .preview import Preview
from .sandbox import Sandbox
from .server_events import Event
from .services import Services
from .tasks import TaskRun, Tasks

__all__ = [
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
