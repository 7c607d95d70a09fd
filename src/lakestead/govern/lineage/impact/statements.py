"""Which tables and columns a statement reads, by parsing it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.schema import MappingSchema

_DIALECT = "databricks"

Columns = Mapping[str, Sequence[str]]
"""The columns of tables, by the tables' full names."""


class Reads(IntEnum):
    """Whether a statement reads something."""

    NO = 0
    PERHAPS = 1
    YES = 2


@dataclass(frozen=True)
class Statement:
    """A statement, parsed.

    Args:
        text: the statement.
        catalog: where its names are looked up if they do not say; None if that is not known.
        schema: the same.
    """

    text: str
    catalog: str | None = None
    schema: str | None = None

    def __post_init__(self) -> None:
        try:
            tree = parse_one(self.text, dialect=_DIALECT)
        except SqlglotError:
            tree = None
        object.__setattr__(self, "_tree", tree if not isinstance(tree, exp.Command) else None)

    @property
    def tree(self) -> exp.Expression | None:
        """The statement's tree; None if it cannot be parsed."""
        found: exp.Expression | None = self.__dict__["_tree"]
        return found

    def tables(self) -> Iterator[tuple[str, ...]]:
        """Yield the names of the tables that it names, as far as they are known, in lower case."""
        if self.tree is None:
            return
        inner = {one.alias.lower() for one in self.tree.find_all(exp.CTE)}
        for one in self.tree.find_all(exp.Table):
            parts = tuple(part.name.lower() for part in one.parts)
            if not (len(parts) == 1 and parts[0] in inner) and parts and parts[-1]:
                yield self._full(parts)

    def _full(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        if len(parts) == 1 and self.schema is not None:
            parts = (self.schema, *parts)
        return (self.catalog, *parts) if len(parts) == 2 and self.catalog is not None else parts

    def reads_table(self, table: str) -> Reads:
        """Return whether it names a table.

        Args:
            table: the full name.
        """
        parts = tuple(table.split("."))
        if self.tree is None:
            return Reads.PERHAPS if _has_word(self.text, parts[-1]) else Reads.NO
        found = [_same(named, parts) for named in self.tables()]
        return max(found, default=Reads.NO)

    def reads_column(self, table: str, column: str, columns: Columns) -> Reads:
        """Return whether it reads a column of a table.

        Args:
            table: the table's full name.
            column: the column's name, in lower case.
            columns: those of the tables that it names, as far as they are known.
        """
        reads = self.reads_table(table)
        if reads is Reads.NO or self.tree is None:
            return min(reads, Reads.PERHAPS) if _has_word(self.text, column) else Reads.NO
        query = self.tree.expression if isinstance(self.tree, exp.Create) else self.tree
        if reads is Reads.PERHAPS or not isinstance(query, exp.Query):
            # Nobody knows what its names mean, or it changes the table: the column's name tells.
            named = {one.name.lower() for one in self.tree.find_all(exp.Identifier)}
            starred = self.tree.find(exp.Star) is not None
            return Reads.PERHAPS if column in named or starred else Reads.NO
        return self._query_reads(query, table, column, columns)

    def _query_reads(self, query: exp.Query, table: str, column: str, columns: Columns) -> Reads:
        try:
            resolved = qualify(
                query.copy(),
                dialect=_DIALECT,
                catalog=self.catalog,
                db=self.schema,
                schema=_schema(columns),
                validate_qualify_columns=False,
            )
        except SqlglotError:
            return Reads.PERHAPS if _has_word(self.text, column) else Reads.NO
        found = Reads.NO
        for scope in traverse_scope(resolved):
            for one in scope.columns:
                source = scope.sources.get(one.table)
                if one.name.lower() != column:
                    continue
                if not one.table:
                    found = max(found, Reads.PERHAPS)
                elif isinstance(source, exp.Table) and _dotted(source) == table:
                    return Reads.YES
            if isinstance(scope.expression, exp.Select) and scope.expression.is_star:
                found = max(found, Reads.PERHAPS)
        return found


def _dotted(table: exp.Table) -> str:
    return ".".join(part.name.lower() for part in table.parts)


def _schema(columns: Columns) -> MappingSchema:
    nested: dict[str, Any] = {}
    for name, fields in columns.items():
        catalog, schema, table = name.split(".")
        nested.setdefault(catalog, {}).setdefault(schema, {})[table] = dict.fromkeys(fields, "string")
    return MappingSchema(nested, dialect=_DIALECT)


def _same(named: tuple[str, ...], parts: tuple[str, ...]) -> Reads:
    """Return whether a name means a table; one that does not say all may."""
    if named == parts:
        return Reads.YES
    return Reads.PERHAPS if len(named) < len(parts) and parts[-len(named) :] == named else Reads.NO


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def named_tables(statements: Iterable[Statement]) -> set[str]:
    """Return the full names that statements name."""
    return {".".join(parts) for one in statements for parts in one.tables() if len(parts) == 3}
