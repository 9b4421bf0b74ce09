"""Programs that are kept running in a sandbox."""

from __future__ import annotations

from builtins import list as list_of
from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote

from ..answers import answered, segment
from ..server_events import Cutter
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
from .client import AsyncClient
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

    async def follow(self, name: str, *, tail: int = 200) -> AsyncIterator[str]:
        """The last lines and what follows, until the reader has enough or the sandbox stops.

        Is not taken up by itself: raises `ConnectionFailedError` when the connection breaks or goes
        silent. Follow it again.
        """
        path = f"/v1/sandboxes/{self._id}/services/{quote(segment(name), safe='')}/logs"
        params = {"tail": str(tail), "follow": "true"}
        headers = {"accept": "text/event-stream"}
        cutter = Cutter()
        async with self._client.streamed(path, params=params, headers=headers) as pieces:
            async for piece in pieces:
                for event in cutter.events(piece):
                    if event.type == "log":
                        yield str(event.data.get("text", ""))
