"""A computer of its own for an app, a person or an agent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from .client import Client, answered, job_id_of, segment
from .commands import Commands
from .connection import Connection
from .errors import ErrorDetails, NotFoundError, SandboxedError, error_of
from .events import follow
from .files import Files
from .jobs import done, settle
from .preview import Preview
from .server_events import Event
from .services import Services
from .tasks import Tasks
from .wire.api.sandboxes import (
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
from .wire.models.create_sandbox import CreateSandbox
from .wire.models.keepalive import Keepalive
from .wire.models.list_sandboxes_status import ListSandboxesStatus
from .wire.models.listed_sandbox import ListedSandbox
from .wire.models.patch_sandbox import PatchSandbox
from .wire.models.purge_sandbox_body import PurgeSandboxBody
from .wire.models.sandbox import Sandbox as SandboxInfo
from .wire.models.sandbox_at_work import SandboxAtWork
from .wire.models.sandbox_details import SandboxDetails
from .wire.models.start_sandbox_body import StartSandboxBody
from .wire.models.stop_sandbox import StopSandbox
from .wire.types import UNSET, Unset
from .withdrawable import withdrawable


class Sandbox:
    """A sandbox. `with Sandbox.create(…) as sbx` stops it at the end of the block; its files stay."""

    def __init__(self, client: Client, info: SandboxInfo | ListedSandbox | SandboxDetails) -> None:
        self._client = client
        self._info = info
        self.commands = Commands(client, info.id)
        """Runs programs."""
        self.files = Files(client, info.id)
        """Reads and writes files."""
        self.services = Services(client, info.id)
        """Keeps programs running."""
        self.tasks = Tasks(client, info.id)
        """Hands work to coding agents."""

    @classmethod
    def create(
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
    ) -> Sandbox:
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
        client = Client(connection)

        def undo(made: SandboxAtWork) -> None:
            if "id" in more:
                delete_sandbox.sync(made.id, client=client.calls)
            else:
                purge_sandbox.sync(made.id, client=client.calls, body=PurgeSandboxBody())

        made = withdrawable(
            lambda key: answered(create_sandbox.sync(client=client.calls, body=body, idempotency_key=key)), undo
        )
        try:
            job_id = job_id_of(made)
            if job_id is not None:
                done(client, job_id, timeout_seconds)
            return cls(client, answered(get_sandbox.sync(made.id, client=client.patient)))
        except BaseException:
            # Without it there would be a sandbox whose id nobody has.
            with suppress(SandboxedError):
                undo(made)
            raise

    @classmethod
    def connect(cls, connection: Connection, sandbox_id: str) -> Sandbox:
        """A sandbox that is there, in whatever state it is. Raises `NotFoundError`."""
        client = Client(connection)
        return cls(client, answered(get_sandbox.sync(segment(sandbox_id), client=client.calls)))

    @classmethod
    def list(
        cls,
        connection: Connection,
        *,
        status: ListSandboxesStatus | None = None,
        label: str | None = None,
    ) -> Iterator[Sandbox]:
        """All sandboxes, newest first; a label is `key:value`. Pages are read as they are needed."""
        client = Client(connection)
        cursor: str | Unset = UNSET
        while True:
            page = answered(
                list_sandboxes.sync(
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

    def refresh(self) -> SandboxDetails:
        """Asks how it is now, with its memory, processes, disk and services."""
        details = answered(get_sandbox.sync(self.id, client=self._client.calls))
        self._info = details
        return details

    def update(self, **change: Any) -> None:
        """Changes what `PATCH /v1/sandboxes/{id}` takes; a label that is None goes."""
        body = PatchSandbox.from_dict(change)
        calls = self._client.calls
        self._info = answered(update_sandbox.sync(self.id, client=calls, body=body))

    def start(self) -> None:
        """Wakes it, and waits until it runs."""
        body = StartSandboxBody()
        settle(self._client, start_sandbox.sync(self.id, client=self._client.calls, body=body))
        self.refresh()

    def stop(self, *, force: bool = False) -> None:
        """Stops it, and waits until it sleeps; its files stay.

        Raises `ConflictError` (`busy`) while something runs, unless forced.
        """
        body = StopSandbox(force=force)
        settle(self._client, stop_sandbox.sync(self.id, client=self._client.calls, body=body))
        self.refresh()

    def keepalive(self, *, seconds: int | None = None) -> datetime:
        """Keeps it awake for so long; for its idle timeout unless given. Answers until when, in UTC."""
        body = Keepalive(seconds=seconds or UNSET)
        calls = self._client.calls
        answer = answered(keep_sandbox_awake.sync(self.id, client=calls, body=body))
        return datetime.fromtimestamp(answer.keepalive_until, UTC)

    def delete(self) -> None:
        """Deletes it and keeps its files: a sandbox made with its id finds them."""
        settle(self._client, delete_sandbox.sync(self.id, client=self._client.calls))

    def purge(self) -> None:
        """Deletes it and its files."""
        body = PurgeSandboxBody()
        settle(self._client, purge_sandbox.sync(self.id, client=self._client.calls, body=body))

    def preview(self, port: int | None = None) -> Preview:
        """What it serves on a port. Raises `InvalidRequestError` for one that it does not publish."""
        wanted = port if port is not None else next(iter(self.info.ports), 3000)
        url = self.info.preview_urls.additional_properties.get(str(wanted))
        if url is not None:
            return Preview(self._client, self.id, wanted, url)
        raise error_of(
            f"The sandbox does not publish port {wanted}, but {self.info.ports}.",
            ErrorDetails("invalid_request"),
        )

    def events(self, *, after: str | None = None) -> Iterator[Event]:
        """Its own log: transitions, jobs, findings, warnings. Has no end."""
        return follow(self._client, f"/v1/sandboxes/{self.id}/events", after=after)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stops it, whatever runs in it. One that is gone is fine."""
        with suppress(NotFoundError):
            self.stop(force=True)
        self._client.close()
