"""Times as pages show them."""

from __future__ import annotations

from datetime import UTC, datetime


def at(milliseconds: int | None) -> str:
    """Return a time, to the minute; nothing when there is none.

    Args:
        milliseconds: since the epoch.
    """
    if milliseconds is None:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
