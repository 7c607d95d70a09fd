"""Statements: what they write, and which columns they make of which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlglot.errors import SqlglotError

from lakestead.core.names import quote_name
from lakestead.workspace.errors import ApiError
from lakestead.workspace.sql.analysis import has_subquery
from lakestead.workspace.sql.dml import clauses, expressions, insert, update
from lakestead.workspace.sql.grammar.ast import AlterViewQuery, CopyInto, CreateTable, CreateView, Dml, Query
from lakestead.workspace.system.lineage.model import NONE, ColumnEdge, Lineage, Origin, Origins, Relation
from lakestead.workspace.system.lineage.query import Reader, parse
from lakestead.workspace.system.lineage.rows import Rows, Scope
from lakestead.workspace.system.lineage.trace import Trace

# A column of the target, and what goes into it.
Edge: TypeAlias = tuple[str, Origins]

# Reading a longer text takes seconds of the process's time, for lists of values rather than for columns.
_MAX_TEXT = 200_000


class NoLineage(Exception):
    """A statement's lineage cannot be found."""


def extract(trace: Trace) -> Lineage | None:
    """Return the lineage of a statement that succeeded; None when it moves no data.

    Args:
        trace: the statement and what its names meant.

    Raises:
        NoLineage: its text is not understood.
    """
    try:
        return _extract(trace)
    except (SqlglotError, ApiError) as error:
        raise NoLineage(str(error)) from error
    except RecursionError:
        raise NoLineage("it is nested too deeply") from None


def tables_alone(trace: Trace) -> Lineage:
    """Return what a statement names as its sources, where no more is known."""
    target = trace.written.dataset if trace.written else None
    sources = (one.dataset for one in trace.relations.values())
    return Lineage(tuple(one for one in sources if one != target), target)


def _extract(trace: Trace) -> Lineage | None:
    found = Statement(trace, Reader(trace))
    parsed = trace.parsed
    if trace.written is not None and not trace.reads and _is_made_of_sources(parsed):
        # Programs send rows by the thousand: they need not be parsed once more.
        return Lineage((), trace.written.dataset)
    if isinstance(parsed, Query | Dml) and len(parsed.text) > _MAX_TEXT:
        raise NoLineage(f"it has more than {_MAX_TEXT} characters")
    if isinstance(parsed, Query):
        return found.query(parsed.text)
    if isinstance(parsed, Dml):
        carry_out: dict[str, Callable[[str], Lineage]] = {
            "INSERT": found.insert,
            "MERGE": found.merge,
            "UPDATE": found.update,
            "DELETE": found.delete,
        }
        return carry_out[parsed.kind](parsed.text)
    if isinstance(parsed, CopyInto):
        return found.copy(parsed)
    if isinstance(parsed, CreateTable | CreateView | AlterViewQuery) and parsed.query is not None:
        named = isinstance(parsed, CreateView) and bool(parsed.columns)
        return found.made(parsed.query.text, named=named) if trace.written is not None else None
    return None


def _is_made_of_sources(parsed: object) -> bool:
    """Return whether a statement writes what its sources give, and nothing of the target's own."""
    made = isinstance(parsed, CreateTable | CreateView | AlterViewQuery)
    return made or (isinstance(parsed, Dml) and parsed.kind in ("INSERT", "DELETE"))


@dataclass(slots=True)
class Statement:
    """One statement: its names and what it has read so far."""

    trace: Trace
    reader: Reader

    def query(self, text: str) -> Lineage | None:
        """A query: which columns its result is made of."""
        rows = self.reader.text(text)
        if not self.reader.reads:
            return None
        edges = dict.fromkeys(
            ColumnEdge(origin, None) for one in rows.outputs for origin in sorted(one.origins, key=_in_order)
        )
        return Lineage(tuple(self.reader.reads), None, tuple(edges))

    def made(self, text: str, *, named: bool) -> Lineage:
        """CREATE TABLE … AS and CREATE VIEW.

        Args:
            text: the query.
            named: whether the statement names the columns, so that the query's names do not tell them.
        """
        rows, columns = self.reader.text(text), self._target().columns or ()
        if rows.rest and not named:
            return self._lineage(_by_name(rows, columns))
        return self._lineage(_by_place(rows, columns))

    def insert(self, text: str) -> Lineage:
        """INSERT."""
        parsed = insert.parse(text)
        rows, columns = self.reader.text(parsed.source), self._target().columns or ()
        if parsed.by_name:
            return self._lineage(_by_name(rows, columns))
        static = {name.lower() for name, value in parsed.partition if value is not None}
        given = parsed.columns or [one for one in columns if one.lower() not in static]
        return self._lineage(_by_place(rows, given))

    def merge(self, text: str) -> Lineage:
        """MERGE."""
        parsed = clauses.parse(text)
        target, source = self._target(), self.reader.text(parsed.source)
        own = (_qualifier(target, parsed.alias), Rows.of(target))
        other = ((parsed.source_alias.lower(),), source)
        seen = {
            "MATCHED": _scope(own, other),
            "NOT MATCHED": _scope(other),
            "NOT MATCHED BY SOURCE": _scope(own),
        }
        self._condition(parsed.condition, seen["MATCHED"])
        edges: list[Edge] = []
        for clause in parsed.clauses:
            self._condition(clause.condition, seen[clause.rows])
            edges += self._clause(parsed, clause, source, seen[clause.rows])
        return self._lineage(edges)

    def _clause(self, merge: clauses.Merge, clause: clauses.Clause, source: Rows, scope: Scope) -> list[Edge]:
        columns = self._target().columns or ()
        if clause.everything:
            new = [one.name for one in source.outputs if one.name] if merge.evolves else []
            return _by_name(source, [*columns, *new])
        if clause.action == "UPDATE":
            return self._assigned(expressions.assignments(merge.text, clause.assigned), scope)
        values = zip(clause.columns or columns, clause.values, strict=False)
        return [(name, self._value(value, scope)) for name, value in values if value is not None]

    def update(self, text: str) -> Lineage:
        """UPDATE."""
        parsed = update.parse(text)
        target = self._target()
        scope = _scope((_qualifier(target, parsed.alias), Rows.of(target)))
        edges = self._assigned(expressions.assignments(text, parsed.assigned), scope)
        self._condition(parsed.condition, scope)
        return self._lineage(edges)

    def delete(self, text: str) -> Lineage:
        """DELETE: the tables that its condition reads."""
        parsed = update.parse(text)
        target = self._target()
        self._condition(parsed.condition, _scope((_qualifier(target, parsed.alias), Rows.of(target))))
        return self._lineage([])

    def copy(self, command: CopyInto) -> Lineage | None:
        """COPY INTO."""
        if command.validate:
            return None
        select = command.source.select.text if command.source.select else "*"
        rows = self.reader.text(
            f"SELECT {select} FROM {quote_name(command.format.lower(), command.source.path)}"
        )
        if command.source.select is None and (command.by_position or command.columns):
            places = enumerate(self.trace.loaded)
            return self._lineage([(name, rows.column(f"_c{place}") or NONE) for place, name in places])
        if command.columns:
            return self._lineage(_by_place(rows, command.columns))
        return self._lineage(_by_name(rows, self.trace.loaded))

    # What they have in common

    def _target(self) -> Relation:
        assert self.trace.written is not None
        return self.trace.written

    def _assigned(self, listed: Iterable[expressions.Assignment], scope: Scope) -> list[Edge]:
        return [(one.column, self._value(one.value, scope)) for one in listed if one.value is not None]

    def _value(self, text: str, scope: Scope) -> Origins:
        return self.reader.origins(parse(text), scope, {})

    def _condition(self, text: str, scope: Scope) -> None:
        """Read a condition for the tables that it reads."""
        if has_subquery(text):
            self._value(text, scope)

    def _lineage(self, edges: Sequence[Edge]) -> Lineage:
        target = self._target()
        declared = {name.lower(): name for name in target.columns or ()}
        found = dict.fromkeys(
            ColumnEdge(origin, declared.get(name.lower(), name))
            for name, origins in edges
            for origin in sorted(origins, key=_in_order)
        )
        sources = dict.fromkeys([*self.reader.reads, *(edge.source.dataset for edge in found)])
        return Lineage(tuple(sources), target.dataset, tuple(found))


def _by_place(rows: Rows, names: Sequence[str]) -> list[Edge]:
    """Return what columns are made of that rows fill in order; nothing where the order is not known."""
    if rows.rest or len(rows.outputs) != len(names):
        return []
    return [(name, one.origins) for name, one in zip(names, rows.outputs, strict=True)]


def _by_name(rows: Rows, names: Sequence[str]) -> list[Edge]:
    return [(name, rows.column(name.lower()) or NONE) for name in names]


def _qualifier(target: Relation, alias: str | None) -> tuple[str, ...]:
    return (alias.lower(),) if alias else target.dataset.name


def _scope(*named: tuple[tuple[str, ...], Rows]) -> Scope:
    star = Rows()
    for _, rows in named:
        star = star.beside(rows)
    return Scope(None, list(named), star)


def _in_order(origin: Origin) -> tuple[tuple[str, ...], str]:
    return origin.dataset.name, origin.column
