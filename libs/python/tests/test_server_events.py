"""How streams are cut into events."""

from __future__ import annotations

import pytest

from sandboxed import FailureError
from sandboxed.server_events import Cutter


def test_cuts_events_wherever_pieces_end_and_passes_over_heartbeats() -> None:
    text = ': beat\n\nid: 7\r\nevent: message\r\ndata: {"text":\r\ndata: "ä\u2028b"}\r\n\r\n'.encode()
    for size in (1, 2, 3, len(text)):
        cutter = Cutter()
        pieces = (text[at : at + size] for at in range(0, len(text), size))
        events = [event for piece in pieces for event in cutter.events(piece)]
        assert [(each.id, each.type, each.data) for each in events] == [("7", "message", {"text": "ä\u2028b"})]


def test_bounds_an_event_and_wants_json() -> None:
    with pytest.raises(FailureError):
        list(Cutter().events(b"data: x\n\n"))
    cutter = Cutter()
    for _ in range(16):
        list(cutter.events(b"x" * 1_048_576))
    with pytest.raises(FailureError):
        list(cutter.events(b"x"))
