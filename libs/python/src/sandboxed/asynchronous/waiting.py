"""How a program waits, and what ends that before its time: here, the cancellation of its task."""

from __future__ import annotations

from contextlib import AbstractContextManager

import anyio

_WITHDRAW_SECONDS = 10.0
"""Who cancels, waits for this."""


async def sleep(seconds: float) -> None:
    """Waits."""
    await anyio.sleep(seconds)


def interruption() -> type[BaseException]:
    """What is raised in those that wait when they are to wait no longer."""
    return anyio.get_cancelled_exc_class()


def undisturbed() -> AbstractContextManager[object]:
    """For what is still to be done after a cancellation: it is not cancelled itself, but bounded."""
    return anyio.move_on_after(_WITHDRAW_SECONDS, shield=True)
