"""What an analysis of impact finds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lakestead.govern.lineage.edges import Node


class Kind(StrEnum):
    """What breaks."""

    VIEW = "view"
    TABLE = "table"  # it is filled from what is dropped
    COLUMN = "column"  # so is it
    FUNCTION = "function"
    MASK = "mask"
    ROW_FILTER = "row filter"
    CONSTRAINT = "constraint"
    GENERATED = "generated column"
    MONITOR = "monitor"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class Broken:
    """One thing that breaks.

    Args:
        kind: what it is.
        name: its full name; of a query the beginning of its text.
        why: how it depends on what is dropped.
        owner: whose it is; of a query, who ran it last. None if that is not known.
        certain: False if the names in it could also mean something else, or it could not be parsed.
    """

    kind: Kind
    name: str
    why: str
    owner: str | None = None
    certain: bool = True

    def values(self) -> dict[str, Any]:
        """Return the fields as JSON has them."""
        return {
            "kind": str(self.kind),
            "name": self.name,
            "why": self.why,
            "owner": self.owner,
            "certain": self.certain,
        }


@dataclass(frozen=True, slots=True)
class Impact:
    """What breaks when something is dropped.

    Args:
        dropped: the table or column.
        broken: what breaks.
        unseen: what could not be looked at, and why: it may break, too.
    """

    dropped: Node
    broken: Sequence[Broken]
    unseen: Sequence[str] = field(default=())

    @property
    def owners(self) -> dict[str, list[str]]:
        """Whom to tell: the names of what is theirs and breaks, by owner."""
        found: dict[str, list[str]] = defaultdict(list)
        for one in self.broken:
            if one.owner is not None:
                found[one.owner].append(one.name)
        return {owner: sorted(set(names)) for owner, names in sorted(found.items())}

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        return {
            "dropped": str(self.dropped),
            "broken": [one.values() for one in self.broken],
            "owners": self.owners,
            "unseen": list(self.unseen),
        }
