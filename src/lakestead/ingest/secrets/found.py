"""A value as the environment or a file gives it, which may be a reference to a secret store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .secrets import Origin


@dataclass(frozen=True, slots=True)
class Found:
    """A value and its place.

    Attributes:
        path: the keys that lead to it.
        value: never shown.
        origin: its place.
    """

    path: tuple[str, ...]
    value: Any = field(repr=False)
    origin: Origin
