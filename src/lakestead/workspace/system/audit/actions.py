"""What the audit calls each operation: services and actions as in Databricks' audit log reference.

Where that reference has no name for an operation, the SDK's method gives it one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Action:
    """An operation's name in the audit.

    Attributes:
        service: e.g. ``unityCatalog``.
        name: e.g. ``getTable``.
        renamed: parameters of the path that have another name in the audit.
        only_refused: whether it is recorded only when it is refused: what it does is recorded elsewhere.
    """

    service: str
    name: str
    renamed: Mapping[str, str] = field(default_factory=dict)
    only_refused: bool = False


@cache
def actions() -> Mapping[tuple[str, str], Action]:
    """Return the action of every route, by its method and path."""
    return MappingProxyType(
        dict(_parse(files(__package__).joinpath("actions.txt").read_text(encoding="utf-8")))
    )


def action_of(method: str, path: str) -> Action:
    """Return the action of a route; one that has no name here is recorded by its path."""
    return actions().get((method, path)) or Action("workspace", f"{method} {path}")


def _parse(text: str) -> Iterator[tuple[tuple[str, str], Action]]:
    for block in text.strip().split("\n\n")[1:]:
        head, *lines = block.splitlines()
        service, _, only_refused = head.partition(" ")
        for line in lines:
            method, path, name, *renamed = line.split()
            pairs = dict(pair.split("=") for pair in renamed)
            yield (method, path), Action(service, name, pairs, bool(only_refused))
