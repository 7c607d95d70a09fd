"""What policies find, and what would make it good."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import NamedTuple


class Mode(StrEnum):
    """What becomes of what a policy does not allow."""

    REPORT = "report"
    WARN = "warn"
    BLOCK = "block"


class Problem(NamedTuple):
    """Something that a rule does not allow: the full name of a thing, what is wrong, and what to do."""

    resource: str
    what: str
    remedy: str


class Step(NamedTuple):
    """A statement that a rule asks for: the thing that it changes, what it does, and its SQL."""

    resource: str
    what: str
    statement: str


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something that a policy does not allow.

    Args:
        resource: the full name of the table, column (`catalog.schema.table.column`), schema or metastore.
        policy: the policy's name in governance.yaml.
        rule: its kind.
        mode: what becomes of it.
        what: what is wrong.
        remedy: what to do.
    """

    resource: str
    policy: str
    rule: str
    mode: Mode
    what: str
    remedy: str

    def values(self) -> dict[str, str]:
        """Return the fields as JSON has them."""
        return {name: str(value) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Change:
    """A statement that brings a workspace nearer to its policies; carried out twice, it is as once.

    Args:
        resource: the full name of what it changes.
        policy: the policy that asks for it.
        what: what it does.
        statement: the SQL.
    """

    resource: str
    policy: str
    what: str
    statement: str

    def values(self) -> dict[str, str]:
        """Return the fields as JSON has them."""
        return asdict(self)
