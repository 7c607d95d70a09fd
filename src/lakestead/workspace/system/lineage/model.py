"""What flows where: sets of data, their columns, and the edges between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Dataset:
    """Something that statements read or write.

    Attributes:
        type: ``TABLE``, ``VIEW`` or ``PATH``, as the system tables name it.
        name: the full name in parts; of a PATH the path alone.
        location: the URL of a table's files.
    """

    type: str
    name: tuple[str, ...]
    location: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Origin:
    """A column of a set of data, in the case in which it was declared."""

    dataset: Dataset
    column: str


Origins: TypeAlias = frozenset[Origin]
NONE: Origins = frozenset()


@dataclass(frozen=True, slots=True)
class Relation:
    """What a name in a statement means.

    Attributes:
        dataset: the table, view or path.
        columns: the names of its columns, in order; None when only the files know them.
    """

    dataset: Dataset
    columns: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class ColumnEdge:
    """A column that goes into the value of another.

    Attributes:
        source: where the value comes from.
        target: the column of the statement's target; None when it has no target.
    """

    source: Origin
    target: str | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a statement reads and writes.

    Attributes:
        sources: what it reads, in the order in which it names them.
        target: what it writes; None for queries.
        columns: which columns go into which.
    """

    sources: tuple[Dataset, ...]
    target: Dataset | None = None
    columns: tuple[ColumnEdge, ...] = ()
