"""When a call is tried again."""

from __future__ import annotations

import random
import time
from email.utils import parsedate_to_datetime

MAX_RETRY_AFTER_SECONDS = 60.0
"""Beyond this the caller should decide."""
_FIRST_SECONDS = 0.2
_MAX_SECONDS = 8.0


def backoff_seconds(attempt: int, retry_after_seconds: float | None) -> float | None:
    """How long to wait before try `attempt + 1`; None when the server asks for too long a time."""
    # Jitter, no secret.
    chance = random.random()
    if retry_after_seconds is not None:
        if retry_after_seconds > MAX_RETRY_AFTER_SECONDS:
            return None
        # A little later than asked, and not all at once.
        return retry_after_seconds + chance * 0.25
    longest = min(_MAX_SECONDS, _FIRST_SECONDS * 2.0 ** min(attempt - 1, 16))
    return longest / 2 + chance * longest / 2


def retry_after(header: str | None) -> float | None:
    """`Retry-After` in seconds; a date counts from now."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except ValueError:
        return None
