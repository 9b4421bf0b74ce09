"""How a program waits, and what ends that before its time: here, Ctrl-C."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext


def sleep(seconds: float) -> None:
    """Waits."""
    time.sleep(seconds)


def interruption() -> type[BaseException]:
    """What is raised in those that wait when they are to wait no longer."""
    return KeyboardInterrupt


def undisturbed() -> AbstractContextManager[object]:
    """For what is still to be done after an interruption; another Ctrl-C ends that, too."""
    return nullcontext()
