"""A computer of its own for an app, a person or an agent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from ..answers import answered, job_id_of, segment
from ..connection import Connection
from ..errors import ErrorDetails, NotFoundError, SandboxedError, error_of
from ..server_events import Event
from ..wire.api.sandboxes import (
    create_sandbox,
    delete_sandbox,
    get_sandbox,
    keep_sandbox_awake,
    list_sandboxes,
    purge_sandbox,
    start_sandbox,
    stop_sandbox,
    update_sandbox,
)
from ..wire.models.create_sandbox import CreateSandbox
from ..wire.models.keepalive import Keepalive
from ..wire.models.list_sandboxes_status import ListSandboxesStatus
from ..wire.models.listed_sandbox import ListedSandbox
from ..wire.models.patch_sandbox import PatchSandbox
from ..wire.models.purge_sandbox_body import PurgeSandboxBody
from ..wire.models.sandbox import Sandbox as SandboxInfo
from ..wire.models.sandbox_at_work import SandboxAtWork
from ..wire.models.sandbox_details import SandboxDetails
from ..wire.models.start_sandbox_body import StartSandboxBody
from ..wire.models.stop_sandbox import StopSandbox
from ..wire.types import UNSET, Unset
from . import waiting
from .client import AsyncClient
from .commands import AsyncCommands
from .events import follow
from .files import AsyncFiles
from .jobs import done, settle
from .preview import AsyncPreview
from .services import AsyncServices
from .tasks import AsyncTasks
from .withdrawable import withdrawable


class AsyncSandbox:
    """A sandbox. `async with await AsyncSandbox.create(…) as sbx` stops it at the end of the block; its files stay."""

    def __init__(self, client: AsyncClient, info: SandboxInfo | ListedSandbox | SandboxDetails) -> None:
        self._client = client
        self._info = info
        self.commands = AsyncCommands(client, info.id)
        """Runs programs."""
        self.files = AsyncFiles(client, info.id)
        """Reads and writes files."""
        self.services = AsyncServices(client, info.id)
        """Keeps programs running."""
        self.tasks = AsyncTasks(client, info.id)
        """Hands work to coding agents."""

    @classmethod
    async def create(
        cls,
        connection: Connection,
        *,
        template: str | None = None,
        name: str | None = None,
        env: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
        ports: Sequence[int] | None = None,
        timeout_seconds: float | None = None,
        **more: Any,
    ) -> AsyncSandbox:
        """Makes a sandbox and waits until it runs.

        `more` is what else `POST /v1/sandboxes` takes: `id`, `image`, `limits`, `visibility`,
        `idle_timeout_seconds`, … Raises `LimitError` at a quota, `UnavailableError` when the host
        is full, `TimedOutError`. What could not be made, or is no longer waited for, is deleted
        again, with its files unless its id is yours.
        """
        given = {
            "template": template,
            "name": name,
            "env": env,
            "labels": labels,
            "ports": None if ports is None else list(ports),
            **more,
        }
        unknown = given.keys() - {field.name for field in CreateSandbox.__attrs_attrs__}
        if unknown:
            message = f"A sandbox has no {', '.join(sorted(unknown))}."
            raise error_of(message, ErrorDetails("invalid_request"))
        body = CreateSandbox.from_dict({k: v for k, v in given.items() if v is not None})
        client = AsyncClient(connection)

        async def undo(made: SandboxAtWork) -> None:
            if "id" in more:
                await delete_sandbox.asyncio(made.id, client=client.calls)
            else:
                await purge_sandbox.asyncio(made.id, client=client.calls, body=PurgeSandboxBody())

        async def send(key: str) -> SandboxAtWork:
            return answered(await create_sandbox.asyncio(client=client.calls, body=body, idempotency_key=key))

        async with client.kept():
            made = await withdrawable(send, undo)
            try:
                job_id = job_id_of(made)
                if job_id is not None:
                    await done(client, job_id, timeout_seconds)
                info = answered(await get_sandbox.asyncio(made.id, client=client.patient))
            except BaseException:
                # Without it there would be a sandbox whose id nobody has.
                with waiting.undisturbed(), suppress(SandboxedError):
                    await undo(made)
                raise
        return cls(client, info)

    @classmethod
    async def connect(cls, connection: Connection, sandbox_id: str) -> AsyncSandbox:
        """A sandbox that is there, in whatever state it is. Raises `NotFoundError`."""
        client = AsyncClient(connection)
        async with client.kept():
            info = answered(await get_sandbox.asyncio(segment(sandbox_id), client=client.calls))
        return cls(client, info)

    @classmethod
    async def list(
        cls,
        connection: Connection,
        *,
        status: ListSandboxesStatus | None = None,
        label: str | None = None,
    ) -> AsyncIterator[AsyncSandbox]:
        """All sandboxes, newest first; a label is `key:value`. Pages are read as they are needed."""
        client = AsyncClient(connection)
        cursor: str | Unset = UNSET
        while True:
            page = answered(
                await list_sandboxes.asyncio(
                    client=client.calls,
                    limit=200,
                    cursor=cursor,
                    status=status or UNSET,
                    label=label or UNSET,
                )
            )
            for info in page.items:
                yield cls(client, info)
            if not page.next_cursor:
                return
            cursor = page.next_cursor

    @property
    def id(self) -> str:
        return self._info.id

    @property
    def info(self) -> SandboxInfo | ListedSandbox | SandboxDetails:
        """As it was when last something was heard of it; `refresh` asks anew."""
        return self._info

    async def refresh(self) -> SandboxDetails:
        """Asks how it is now, with its memory, processes, disk and services."""
        details = answered(await get_sandbox.asyncio(self.id, client=self._client.calls))
        self._info = details
        return details

    async def update(self, **change: Any) -> None:
        """Changes what `PATCH /v1/sandboxes/{id}` takes; a label that is None goes."""
        body = PatchSandbox.from_dict(change)
        calls = self._client.calls
        self._info = answered(await update_sandbox.asyncio(self.id, client=calls, body=body))

    async def start(self) -> None:
        """Wakes it, and waits until it runs."""
        body = StartSandboxBody()
        await settle(self._client, await start_sandbox.asyncio(self.id, client=self._client.calls, body=body))
        await self.refresh()

    async def stop(self, *, force: bool = False) -> None:
        """Stops it, and waits until it sleeps; its files stay.

        Raises `ConflictError` (`busy`) while something runs, unless forced.
        """
        body = StopSandbox(force=force)
        await settle(self._client, await stop_sandbox.asyncio(self.id, client=self._client.calls, body=body))
        await self.refresh()

    async def keepalive(self, *, seconds: int | None = None) -> datetime:
        """Keeps it awake for so long; for its idle timeout unless given. Answers until when, in UTC."""
        body = Keepalive(seconds=seconds or UNSET)
        calls = self._client.calls
        answer = answered(await keep_sandbox_awake.asyncio(self.id, client=calls, body=body))
        return datetime.fromtimestamp(answer.keepalive_until, UTC)

    async def delete(self) -> None:
        """Deletes it and keeps its files: a sandbox made with its id finds them."""
        await settle(self._client, await delete_sandbox.asyncio(self.id, client=self._client.calls))

    async def purge(self) -> None:
        """Deletes it and its files."""
        body = PurgeSandboxBody()
        await settle(self._client, await purge_sandbox.asyncio(self.id, client=self._client.calls, body=body))

    def preview(self, port: int | None = None) -> AsyncPreview:
        """What it serves on a port. Raises `InvalidRequestError` for one that it does not publish."""
        wanted = port if port is not None else next(iter(self.info.ports), 3000)
        url = self.info.preview_urls.additional_properties.get(str(wanted))
        if url is not None:
            return AsyncPreview(self._client, self.id, wanted, url)
        raise error_of(
            f"The sandbox does not publish port {wanted}, but {self.info.ports}.",
            ErrorDetails("invalid_request"),
        )

    def events(self, *, after: str | None = None) -> AsyncIterator[Event]:
        """Its own log: transitions, jobs, findings, warnings. Has no end."""
        return follow(self._client, f"/v1/sandboxes/{self.id}/events", after=after)

    async def close(self) -> None:
        """Closes its connections and leaves it as it is; what is called later opens new ones."""
        await self._client.close()

    async def __aenter__(self) -> AsyncSandbox:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stops it, whatever runs in it. One that is gone is fine."""
        is_interrupted = isinstance(error, waiting.interruption())
        ending: AbstractContextManager[object] = waiting.undisturbed() if is_interrupted else nullcontext()
        with ending:
            try:
                with suppress(NotFoundError):
                    await self.stop(force=True)
            finally:
                await self.close()
