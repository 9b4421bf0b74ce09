"""Programs that are kept running in a sandbox."""

from __future__ import annotations

from builtins import list as list_of
from collections.abc import AsyncIterator, Callable, Mapping
from urllib.parse import quote

from ..answers import answered, segment
from ..errors import NotFoundError, SandboxedError
from ..patience import Patience
from ..refusal import is_passing
from ..wire.api.services import (
    list_services,
    put_service,
    read_service_logs,
    remove_service,
    restart_service,
)
from ..wire.models.restart_service_body import RestartServiceBody
from ..wire.models.service import Service
from ..wire.models.service_spec import ServiceSpec
from . import waiting
from .client import AsyncClient
from .events import opened
from .jobs import settle


class AsyncServices:
    """Programs that are kept running: started again when they end, and with the sandbox."""

    def __init__(self, client: AsyncClient, sandbox_id: str) -> None:
        self._client = client
        self._id = sandbox_id

    async def list(self) -> list_of[Service]:
        """Those that were declared, and those that run because of the app's own files."""
        return answered(await list_services.asyncio(self._id, client=self._client.calls)).items

    async def put(
        self,
        name: str,
        command: str,
        *,
        port: int | None = None,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Declares a service, or another one of its name, and waits until it was begun.

        `command` is a shell line, `port` what it listens on, on 0.0.0.0.
        """
        given = {"command": command, "port": port, "cwd": cwd, "env": env}
        spec = ServiceSpec.from_dict({k: v for k, v in given.items() if v is not None})
        calls = self._client.calls
        await settle(self._client, await put_service.asyncio(self._id, segment(name), client=calls, body=spec))

    async def remove(self, name: str) -> None:
        """Stops and forgets a service. Raises `NotFoundError`."""
        calls = self._client.calls
        await settle(self._client, await remove_service.asyncio(self._id, segment(name), client=calls))

    async def restart(self, name: str) -> None:
        """Ends a service and begins it again. Raises `NotFoundError`."""
        calls, body = self._client.calls, RestartServiceBody()
        await settle(self._client, await restart_service.asyncio(self._id, segment(name), client=calls, body=body))

    async def logs(self, name: str, *, tail: int = 200) -> str:
        """The last lines that a service wrote, 5,000 at most. Raises `ConflictError` for a sandbox that sleeps."""
        calls = self._client.calls
        return answered(await read_service_logs.asyncio(self._id, segment(name), client=calls, tail=tail))

    async def follow(
        self, name: str, *, tail: int = 200, on_gap: Callable[[], None] | None = None
    ) -> AsyncIterator[str]:
        """The last lines, and what follows, until the reader has enough, it is removed or the sandbox sleeps.

        Is taken up by itself when the connection breaks, with nothing twice and nothing left out
        that is kept; `on_gap` is called where text is missing that is not. Raises
        `ConnectionFailedError` when it could not be taken up for as long as the connection has
        patience; at once in a sandbox that was started by a version whose logs could not be.
        """
        path = f"/v1/sandboxes/{self._id}/services/{quote(segment(name), safe='')}/logs"
        params = {"tail": str(tail), "follow": "true"}
        patience = Patience(f"The log of {name}", self._client.connection.patience_seconds)
        last: str | None = None
        is_begun = False
        while True:
            failure: SandboxedError | None = None
            try:
                async for event in opened(self._client, path, patience, last=last, params=params):
                    last = event.id or last
                    if event.type == "trimmed" and on_gap is not None:
                        on_gap()
                    if event.type == "log":
                        patience.progress()
                        is_begun = True
                        yield str(event.data.get("text", ""))
            except SandboxedError as error:
                if last is not None and _is_over(error):
                    return
                if not is_passing(error) and error.code != "agent_unreachable":
                    raise
                failure = error
            if last is None and failure is None:
                # Nothing says where to go on.
                return
            if last is None and is_begun and failure is not None:
                raise failure
            await waiting.sleep(patience.pause_seconds(failure))


def _is_over(error: SandboxedError) -> bool:
    """Whether it writes no more: its sandbox sleeps, or it is gone."""
    return isinstance(error, NotFoundError) or error.code == "sandbox_not_running"
