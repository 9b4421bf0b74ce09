"""Follows a stream, however often it breaks off."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from ..answers import answered, has_ended
from ..errors import SandboxedError
from ..patience import Patience
from ..refusal import is_passing
from ..server_events import Cutter, Event
from ..wire.api.jobs import get_job
from . import waiting
from .client import AsyncClient


async def opened(
    client: AsyncClient,
    path: str,
    patience: Patience,
    *,
    last: str | None,
    params: Mapping[str, str] | None = None,
) -> AsyncIterator[Event]:
    """Opens a stream once, after the event `last`, and tells its events until it ends.

    Raises what it is refused with, and what it breaks off with: silence, too, is a broken
    connection.
    """
    patience.begin()
    headers = {"accept": "text/event-stream"}
    if last is not None:
        headers["last-event-id"] = last
    cutter = Cutter()
    async with client.streamed(path, params=params, headers=headers, tries_again=False) as pieces:
        async for piece in pieces:
            patience.sign()
            for event in cutter.events(piece):
                yield event


async def follow(
    client: AsyncClient, path: str, *, job_id: str | None = None, after: str | None = None
) -> AsyncIterator[Event]:
    """Tells each event once; takes the stream up after the last one that came.

    Ends with a job's `done`. Raises `ConnectionFailedError` when it could not be taken up for as
    long as the connection has patience, and what the API refuses it with.
    """
    patience = Patience(f"The stream {path}", client.connection.patience_seconds)
    last = after
    job_has_ended = False
    while True:
        is_empty = True
        failure: SandboxedError | None = None
        try:
            async for event in opened(client, path, patience, last=last):
                last = event.id or last
                is_empty = False
                patience.progress()
                yield event
                if job_id is not None and event.type in ("done", "trimmed"):
                    return
        except SandboxedError as error:
            if not is_passing(error):
                raise
            failure = error
        if job_id is not None and is_empty and failure is None:
            # It had nothing more to tell, twice now: what came in between was not missed.
            if job_has_ended:
                return
            job_has_ended = has_ended(answered(await get_job.asyncio(job_id, client=client.patient)))
            if job_has_ended:
                continue
        await waiting.sleep(patience.pause_seconds(failure))
