"""Undoes what was sent when nobody waits for its answer any more."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from ..errors import SandboxedError
from . import waiting

T = TypeVar("T")


async def withdrawable(send: Callable[[str], Awaitable[T]], undo: Callable[[T], Awaitable[object]]) -> T:
    """Sends what makes something, with the key that it is handed.

    When that is interrupted it may have been accepted by then: it is sent once more under the same
    key, which makes nothing anew but tells what was made, and that is undone.
    """
    key = secrets.token_hex(16)
    try:
        return await send(key)
    except waiting.interruption():
        with waiting.undisturbed(), suppress(SandboxedError):
            await undo(await send(key))
        raise
