"""Against an installation: `pytest tests/live --api URL --cut URL --model-env JSON`."""

from __future__ import annotations

import json

import pytest

from sandboxed import Connection


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
