"""The rows that a part of a query gives: their columns, and the columns that those are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from lakestead.workspace.system.lineage.model import NONE, Dataset, Origin, Origins, Relation


@dataclass(frozen=True, slots=True)
class Output:
    """A column: its name (None where the engine makes one up) and what it is made of."""

    name: str | None
    origins: Origins


# Columns that nobody named: those of files, by their names, or those that a function makes of its arguments.
Rest: TypeAlias = Dataset | Origins


@dataclass(frozen=True, slots=True)
class Rows:
    """What a relation gives.

    Attributes:
        outputs: its columns, in order.
        rest: further columns that are not known; if there are any, places tell nothing.
    """

    outputs: tuple[Output, ...] = ()
    rest: tuple[Rest, ...] = ()

    @classmethod
    def of(cls, relation: Relation) -> Rows:
        """Return the rows of a table, view or path."""
        dataset = relation.dataset
        if relation.columns is None:
            return cls(rest=(dataset,))
        return cls(
            tuple(Output(name.lower(), frozenset((Origin(dataset, name),))) for name in relation.columns)
        )

    def known(self, name: str) -> Origins | None:
        """Return what a column is made of; None when it is none of those that are known."""
        found = [one.origins for one in self.outputs if one.name == name]
        return found[0] if len(found) == 1 else frozenset().union(*found) if found else None

    def column(self, name: str) -> Origins | None:
        """Return what a column is made of, also one that is not known; None when there is no such column."""
        known = self.known(name)
        if known is not None or not self.rest:
            return known
        # It may be a column whose name the engine makes up.
        if any(one.name is None for one in self.outputs):
            return NONE
        # Of two sets of files, nobody can tell which has the column.
        only = self.rest[0] if len(self.rest) == 1 else NONE
        return frozenset((Origin(only, name),)) if isinstance(only, Dataset) else only

    def renamed(self, names: Sequence[str]) -> Rows:
        """Return the same columns with other names, in order."""
        if not names:
            return self
        if len(names) == len(self.outputs) and not self.rest:
            return Rows(
                tuple(Output(name, one.origins) for name, one in zip(names, self.outputs, strict=True))
            )
        made = self.rest[0] if len(self.rest) == 1 and not self.outputs else NONE
        origins = NONE if isinstance(made, Dataset) else made
        return Rows(tuple(Output(name, origins) for name in names))

    def without(self, names: Iterable[str]) -> Rows:
        """Return all columns but some."""
        left_out = set(names)
        return Rows(tuple(one for one in self.outputs if one.name not in left_out), self.rest)

    def beside(self, other: Rows) -> Rows:
        """Return the columns of both."""
        return Rows(self.outputs + other.outputs, self.rest + other.rest)

    def all(self) -> Origins:
        """Return what all known columns are made of."""
        made = (one for one in self.rest if not isinstance(one, Dataset))
        return frozenset().union(*(one.origins for one in self.outputs), *made)


def united(left: Rows, right: Rows) -> Rows:
    """Return the rows of UNION: each column made of both sides' at its place."""
    if left.rest or right.rest or len(left.outputs) != len(right.outputs):
        return Rows(left.outputs, left.rest + right.rest + (NONE,))
    pairs = zip(left.outputs, right.outputs, strict=True)
    return Rows(tuple(Output(one.name, one.origins | other.origins) for one, other in pairs))


def named_as(left: Rows, right: Rows) -> Rows:
    """Return the right side of UNION BY NAME in the order of the left's."""
    outputs = (
        Output(one.name, (right.column(one.name) if one.name else None) or NONE) for one in left.outputs
    )
    return Rows(tuple(outputs), right.rest)


@dataclass(slots=True)
class Scope:
    """The names that the expressions of a query can use.

    Attributes:
        outer: those of the query around it.
        named: the relations of FROM, each with the names before the dot.
        star: what ``*`` gives.
        merged: columns that USING makes one of two.
        aliases: columns of the SELECT list that stand before, by their names.
        windows: the origins of named windows.
    """

    outer: Scope | None = None
    named: list[tuple[tuple[str, ...], Rows]] = field(default_factory=list)
    star: Rows = field(default_factory=Rows)
    merged: dict[str, Origins] = field(default_factory=dict)
    aliases: dict[str, Origins] = field(default_factory=dict)
    windows: dict[str, Origins] = field(default_factory=dict)

    def relation(self, qualifier: tuple[str, ...]) -> Rows | None:
        """Return the relation that stands before a dot, such as ``t`` or ``catalog.schema.t``."""
        for scope in self._outwards():
            for name, rows in scope.named:
                if name and name[-len(qualifier) :] == qualifier:
                    return rows
        return None

    def column(self, parts: tuple[str, ...]) -> Origins:
        """Return what a name means: a column, perhaps with a qualifier before it and fields behind it."""
        unsure = False
        for scope in self._outwards():
            found = scope._known(parts)
            if found is not None:
                # A column of files nearer by, whose names are not known, may be meant instead.
                return NONE if unsure else found
            unsure = unsure or bool(scope.star.rest)
        made = (scope.star.column(parts[0]) for scope in self._outwards())
        return next((one for one in made if one is not None), NONE)

    def _known(self, parts: tuple[str, ...]) -> Origins | None:
        for depth in range(min(3, len(parts) - 1), 0, -1):
            for name, rows in self.named:
                if name and name[-depth:] == parts[:depth]:
                    found = rows.column(parts[depth])
                    if found is not None:
                        return found
        column = parts[0]
        if column in self.merged:
            return self.merged[column]
        for _, rows in self.named:
            found = rows.known(column)
            if found is not None:
                return found
        return self.aliases.get(column)

    def _outwards(self) -> Iterator[Scope]:
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer
