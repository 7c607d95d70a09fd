"""What a statement names, noted while it runs: later its tables may have been changed or dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lakestead.workspace.catalog import locations
from lakestead.workspace.sql.grammar.ast import Command, Dml, Query
from lakestead.workspace.sql.session import TemporaryView
from lakestead.workspace.store.objects import Securable
from lakestead.workspace.system.lineage.model import Dataset, Relation

_MAX_KNOWN = 10_000
_PATH_FORMATS = frozenset({"delta", "parquet", "csv", "json", "text", "binaryfile"})


@dataclass(frozen=True, slots=True)
class Function:
    """A SQL function: the names of its parameters, its body, and its columns if it gives a table."""

    parameters: tuple[str, ...]
    body: str
    columns: tuple[str, ...] | None


class Relations:
    """Tables and views as statements name them, kept from one statement to the next."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Relation] = {}

    def of(self, target: Securable) -> Relation:
        """Return a table or view of the metastore as what a name means."""
        path = target.path
        state = (path, target.id, target.updated_at)
        found = self._known.get(state)
        if found is None:
            found = _relation(path, target)
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            self._known[state] = found
        return found


def _relation(path: tuple[str, ...], target: Securable) -> Relation:
    kind = "VIEW" if target.is_view else "TABLE"
    columns = tuple(column.name for column in target.columns)
    location = locations.url(target.location) if target.location else None
    return Relation(Dataset(kind, path, location), columns)


@dataclass(slots=True)
class Trace:
    """What the names in a statement mean.

    Attributes:
        catalog: where two-part names look.
        schema: where one-part names look.
        parsed: the statement.
        known: what is known of tables and views from other statements.
        relations: the tables and views it names itself, by full name in lower case.
        below: those that views name.
        functions: the SQL functions that are called.
        views: the temporary views that are read.
        reads_files: whether files are read.
        written: a table or view that it makes.
        loaded: the columns that COPY INTO fills.
    """

    catalog: str
    schema: str
    parsed: Query | Dml | Command
    known: Relations = field(default_factory=Relations)
    relations: dict[tuple[str, ...], Relation] = field(default_factory=dict)
    below: dict[tuple[str, ...], Relation] = field(default_factory=dict)
    functions: dict[tuple[str, ...], Function] = field(default_factory=dict)
    views: dict[str, TemporaryView] = field(default_factory=dict)
    reads_files: bool = False
    written: Relation | None = None
    loaded: tuple[str, ...] = ()

    # While the statement runs

    def names(self, target: Securable, depth: int) -> None:
        """Note a table or view.

        Args:
            target: its record.
            depth: how many views stand between it and the statement.
        """
        found = self.known.of(target)
        (self.below if depth else self.relations)[found.dataset.name] = found

    def writes(self, target: Securable) -> None:
        """Note the table that the statement changes."""
        self.written = self.known.of(target)

    def calls(self, function: Securable) -> None:
        """Note a SQL function that the statement calls."""
        spec = function.spec
        table = spec.get("returns_table")
        self.functions[function.path] = Function(
            tuple(one["name"].lower() for one in spec["parameters"]),
            spec["body"],
            None if table is None else tuple(one["name"].lower() for one in table),
        )

    def makes(self, kind: str, path: tuple[str, ...], columns: Sequence[str]) -> None:
        """Note the table or view that the statement makes."""
        self.written = Relation(Dataset(kind, path), tuple(columns))

    # When it has ended

    @property
    def reads(self) -> bool:
        """Whether the statement reads tables, views or files by name."""
        return bool(self.relations or self.views or self.reads_files)

    @property
    def moves(self) -> bool:
        """Whether the statement may have moved data."""
        return self.reads or self.written is not None

    def relation(self, parts: tuple[str, ...]) -> Relation | None:
        """Return what a name means: a table, a view or a path; None for what has no lineage."""
        if len(parts) == 2 and parts[0].lower() in _PATH_FORMATS and "/" in parts[1]:
            return Relation(Dataset("PATH", (parts[1],)), None)
        path = self.full_name(parts)
        return self.relations.get(path) or self.below.get(path)

    def function(self, parts: tuple[str, ...]) -> Function | None:
        """Return the SQL function of a name."""
        return self.functions.get(self.full_name(parts)) if self.functions else None

    def full_name(self, parts: Sequence[str]) -> tuple[str, ...]:
        """Complete a name as the session did."""
        current = (self.catalog, self.schema)[: max(3 - len(parts), 0)]
        return tuple(part.lower() for part in (*current, *parts))
