"""Undoes what was sent when nobody waits for its answer any more."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from .errors import SandboxedError

T = TypeVar("T")


def withdrawable(send: Callable[[str], T], undo: Callable[[T], object]) -> T:
    """Sends what makes something, with the key that it is handed.

    When that is interrupted it may have been accepted by then: it is sent once more under the same
    key, which makes nothing anew but tells what was made, and that is undone.
    """
    key = secrets.token_hex(16)
    try:
        return send(key)
    except KeyboardInterrupt:
        with suppress(SandboxedError):
            undo(send(key))
        raise
