"""Which columns are read, how, and how they arrive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from lakestead.core.datatypes import DataType
from lakestead.core.errors import SourceError

from .source import Column, Request, Shape


@dataclass(frozen=True, slots=True)
class Reading:
    """A column, and how its values are had.

    Attributes:
        column: as the loader gets it.
        declared: the database's own name of its type.
        remote: the expression that the database evaluates.
        local: what DuckDB makes of what arrives; ``{}`` stands for it. Not used where Arrow arrives.
        arriving: the type that the values have before `local`; else the column's.
    """

    column: Column
    declared: str
    remote: str
    local: str = "{}"
    arriving: DataType | None = None

    @property
    def name(self) -> str:
        """The column's name."""
        return self.column.name


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or a query that can be read.

    Attributes:
        label: for messages, such as ``table sales.orders``.
        sql: what stands after FROM, in the database's own SQL.
        readings: its columns, as they were asked for.
        known: all its columns' declared types, also of columns that were not asked for.
    """

    label: str
    sql: str
    readings: tuple[Reading, ...]
    known: dict[str, str]
    primary_key: tuple[str, ...] = ()
    comment: str | None = None
    rows: int | None = None

    @property
    def shape(self) -> Shape:
        """What the loader is told."""
        columns = tuple(reading.column for reading in self.readings)
        names = {column.name for column in columns}
        key = self.primary_key if names.issuperset(self.primary_key) else ()
        return Shape(columns, key, self.comment, self.rows)


def chosen(request: Request, names: Sequence[str], label: str) -> list[str]:
    """Return the names of the columns to read, in the source's order.

    Args:
        request: its columns, types, window and partition column are looked for.
        names: all columns of the table.
        label: the table, for messages.

    Raises:
        SourceError: when there are no columns, or one is asked for that is not there; names the nearest.
    """
    if not names:
        raise SourceError(f"{label} has no columns: there is nothing to extract")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SourceError(f"{label} gives the column '{twice[0]}' twice: give one of them another name (AS)")
    window = [request.window.column] if request.window else []
    ranges = [request.partition_column] if request.partition_column else []
    for name in [*request.columns, *request.types, *window, *ranges]:
        if name not in names:
            raise SourceError(f"{label} has no column '{name}'; {nearest(name, names, 'columns')}")
    wanted = [name for name in names if not request.columns or name in request.columns]
    alike = {name.lower(): name for name in wanted}
    for name in wanted:
        if alike[name.lower()] != name:
            raise SourceError(
                f"{label} has the columns '{name}' and '{alike[name.lower()]}', which are one name to Unity"
                " Catalog: leave one of them out (columns), or name it anew in a query"
            )
    return wanted


def nearest(name: str, known: Iterable[str], what: str) -> str:
    """Return a hint: the known names that are most like one that is not known."""
    names = list(known)
    by_lower = {other.lower(): other for other in names}
    close = get_close_matches(name.lower(), by_lower, n=3, cutoff=0.5)
    if close:
        return "did you mean " + " or ".join(f"'{by_lower[one]}'" for one in close) + "?"
    if not names:
        return f"there are no {what}"
    return f"its {what}: {', '.join(names[:20])}{', …' if len(names) > 20 else ''}"
