"""What all tests are handed."""

from __future__ import annotations

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """What runs asynchronous tests."""
    return "asyncio"
