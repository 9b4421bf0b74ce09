"""Against an installation: `pytest tests/live --api URL --cut URL --model-env JSON`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from sandboxed import Connection, NotFoundError, Sandbox

Make = Callable[..., Sandbox]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--api", required=True, help="the API")
    parser.addoption("--cut", required=True, help="breaks all connections when it is asked")
    parser.addoption("--model-env", default="{}", help="what an agent needs to find its model")


@pytest.fixture
def connection(pytestconfig: pytest.Config) -> Connection:
    return Connection(str(pytestconfig.getoption("--api")))


@pytest.fixture
def cut_url(pytestconfig: pytest.Config) -> str:
    return str(pytestconfig.getoption("--cut"))


@pytest.fixture
def model_env(pytestconfig: pytest.Config) -> dict[str, str]:
    env: dict[str, str] = json.loads(pytestconfig.getoption("--model-env"))
    return env


@pytest.fixture
def make(connection: Connection) -> Iterator[Make]:
    """Makes sandboxes, which are purged in the end."""
    made: list[Sandbox] = []

    def make_one(through: Connection = connection, **spec: object) -> Sandbox:
        sandbox = Sandbox.create(through, **spec)  # type: ignore[arg-type]
        made.append(sandbox)
        return sandbox

    yield make_one
    for sandbox in made:
        with suppress(NotFoundError):
            sandbox.purge()
