"""What a notification says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """A notification.

    Attributes:
        kind: what it is about, e.g. ``alert.triggered``; ``<something>.ok`` says that ``key`` is over.
        subject: one line.
        body: the text.
        html: the same in HTML, for who shows it; empty for none.
        link: a page that shows more; empty for none.
        recipients: e-mail addresses.
        destinations: ids of notification destinations.
        payload: further fields for programs: webhooks get them beside those above.
        key: what the messages about the same thing have in common, for services that gather them.
    """

    kind: str
    subject: str
    body: str
    link: str = ""
    recipients: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    payload: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    html: str = ""

    def content(self) -> dict[str, Any]:
        """Return what is told to every recipient, as JSON can hold it."""
        found = asdict(self)
        del found["recipients"], found["destinations"]
        return found
