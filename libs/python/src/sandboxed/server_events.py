"""Cuts a stream of server-sent events into events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .errors import ErrorDetails, error_of

_MAX_FRAME_BYTES = 16 * 1_048_576
"""Longer frames are none of ours."""


@dataclass(frozen=True)
class Event:
    """One event of a stream."""

    type: str
    id: str | None
    """Of all events of the installation the greater came later."""
    data: dict[str, Any]
    """What it holds: `GET /openapi.json` describes it for each type (`Events`). `at` is when it happened."""


class Cutter:
    """Cuts what comes, in pieces of any size, into events; comments are heartbeats and are passed over."""

    def __init__(self) -> None:
        self._rest = b""

    def events(self, piece: bytes) -> Iterator[Event]:
        """The events that end in this piece."""
        # A line's end may come in two pieces.
        rest = (self._rest + piece).replace(b"\r\n", b"\n")
        if len(rest) > _MAX_FRAME_BYTES:
            raise error_of("An event has no end.", ErrorDetails("internal"))
        *frames, self._rest = rest.split(b"\n\n")
        for frame in frames:
            event = _event_of(frame.decode())
            if event is not None:
                yield event


def _event_of(frame: str) -> Event | None:
    event_id: str | None = None
    kind = "message"
    data: list[str] = []
    for line in frame.split("\n"):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "id":
            event_id = value
        elif name == "event":
            kind = value
        elif name == "data":
            data.append(value)
    if not data:
        return None
    try:
        held = json.loads("\n".join(data))
    except ValueError as cause:
        raise error_of(f"An event {kind} holds no JSON.", ErrorDetails("internal")) from cause
    return Event(kind, event_id, held if isinstance(held, dict) else {"value": held})
