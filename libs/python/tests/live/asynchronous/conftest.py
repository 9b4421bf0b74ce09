"""What tests against an installation are handed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest

from sandboxed import AsyncSandbox, Connection, NotFoundError

Make = Callable[..., Awaitable[AsyncSandbox]]


@pytest.fixture
async def make(connection: Connection) -> AsyncIterator[Make]:
    """Makes sandboxes, which are purged in the end."""
    made: list[AsyncSandbox] = []

    async def make_one(through: Connection = connection, **spec: object) -> AsyncSandbox:
        sandbox = await AsyncSandbox.create(through, **spec)  # type: ignore[arg-type]
        made.append(sandbox)
        return sandbox

    yield make_one
    for sandbox in made:
        with suppress(NotFoundError):
            await sandbox.purge()
        await sandbox.close()
