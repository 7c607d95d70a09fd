"""Column definitions, constraints, masks and row filters."""

from __future__ import annotations

from dataclasses import dataclass

from .ast import Check, Clustering, Column, Constraint, ForeignKey, Identity, Policy, Position, PrimaryKey
from .errors import UnsupportedSyntax
from .reader import Clause, Reader

# Words that end a DEFAULT expression because they start the column's next property.
_PROPERTY_WORDS = (
    *("NOT", "COMMENT", "GENERATED", "DEFAULT", "MASK", "FIRST", "AFTER"),
    *("CONSTRAINT", "PRIMARY", "REFERENCES", "FOREIGN", "CHECK"),
)


@dataclass(frozen=True, slots=True)
class Definition:
    """What a column's text gives: the column, the constraints written inline, and where it is to stand."""

    column: Column
    constraints: tuple[Constraint, ...]
    position: Position | None


def read_definition(reader: Reader, name: str | None = None) -> Definition:
    """Read a column: name (unless it was read already), type and properties in any order."""
    name = name if name is not None else reader.identifier()
    type_text = reader.type()
    constraints: list[Constraint] = []

    def next_property() -> Clause | None:
        while constraint := _inline_constraint(reader, name):
            constraints.append(constraint)
        return _property(reader)

    properties = reader.clauses(next_property)
    position = properties.pop("position", None)
    return Definition(Column(name, type_text, **properties), tuple(constraints), position)


def _property(reader: Reader) -> Clause | None:
    if reader.accept("NOT", "NULL"):
        return "not_null", lambda: True
    if reader.accept("COMMENT"):
        return "comment", reader.string
    if reader.accept("DEFAULT"):
        return "default", lambda: reader.expression(*_PROPERTY_WORDS)
    if reader.accept("MASK"):
        return "mask", lambda: read_mask(reader)
    if reader.accept("GENERATED", "ALWAYS", "AS", "IDENTITY"):
        return "identity", lambda: _identity(reader, always=True)
    if reader.accept("GENERATED", "BY", "DEFAULT", "AS", "IDENTITY"):
        return "identity", lambda: _identity(reader, always=False)
    if reader.accept("GENERATED", "ALWAYS", "AS"):
        return "generated", reader.bracketed
    if reader.at_any("FIRST", "AFTER"):
        return "position", lambda: read_position(reader)
    return None


def _identity(reader: Reader, *, always: bool) -> Identity:
    start, step = 1, 1
    if reader.accept("("):
        while not reader.accept(")"):
            if reader.accept("START", "WITH"):
                start = reader.integer()
            elif reader.accept("INCREMENT", "BY"):
                step = reader.integer()
            else:
                raise reader.error()
            reader.accept(",")
    return Identity(always, start, step)


def read_position(reader: Reader) -> Position:
    """Read FIRST or AFTER column."""
    if reader.accept("FIRST"):
        return Position()
    reader.expect("AFTER")
    return Position(reader.identifier())


def read_mask(reader: Reader) -> Policy:
    """Read what follows MASK: function [USING COLUMNS (…)]."""
    function = reader.name()
    if not reader.accept("USING", "COLUMNS"):
        return Policy(function)
    return Policy(function, _arguments(reader))


def read_row_filter(reader: Reader) -> Policy:
    """Read what follows ROW FILTER: function ON (…)."""
    function = reader.name()
    reader.expect("ON")
    return Policy(function, _arguments(reader))


def _arguments(reader: Reader) -> tuple[str, ...]:
    if reader.accept("(", ")"):
        return ()
    return reader.parenthesised(lambda: reader.expression().text)


def read_clustering(reader: Reader) -> Clustering:
    """Read what follows CLUSTER BY: (columns), AUTO or NONE."""
    if reader.accept("AUTO"):
        return Clustering(auto=True)
    if reader.accept("NONE") or reader.accept("(", ")"):
        return Clustering()
    return Clustering(reader.parenthesised(reader.name))


def at_constraint(reader: Reader) -> bool:
    """Whether a table constraint comes next, not a column that has such a name."""
    if reader.at("CONSTRAINT"):
        follower = reader.ahead(2).key
        return follower in ("PRIMARY", "FOREIGN", "CHECK") or reader.ahead(1).key in (
            "PRIMARY",
            "FOREIGN",
            "CHECK",
        )
    return reader.at("PRIMARY", "KEY") or reader.at("FOREIGN", "KEY") or reader.at("CHECK", "(")


def read_constraint(reader: Reader) -> Constraint:
    """Read a table constraint: [CONSTRAINT n] PRIMARY KEY (…), FOREIGN KEY (…) REFERENCES … or CHECK (…)."""
    name = _constraint_name(reader)
    if reader.accept("PRIMARY", "KEY"):
        columns = reader.parenthesised(lambda: (reader.identifier(), reader.accept("TIMESERIES")))
        timeseries = next((column for column, marked in columns if marked), None)
        return PrimaryKey(tuple(column for column, _ in columns), name, timeseries, _key_options(reader))
    if reader.accept("FOREIGN", "KEY"):
        return _references(reader, name, reader.identifiers())
    return _check(reader, name)


def _inline_constraint(reader: Reader, column: str) -> Constraint | None:
    """Read a constraint on one column if one comes next."""
    if not reader.at_any("CONSTRAINT", "PRIMARY", "FOREIGN", "REFERENCES", "CHECK"):
        return None
    name = _constraint_name(reader)
    if reader.accept("PRIMARY", "KEY"):
        timeseries = column if reader.accept("TIMESERIES") else None
        return PrimaryKey((column,), name, timeseries, _key_options(reader))
    if reader.accept("FOREIGN", "KEY") or reader.at("REFERENCES"):
        return _references(reader, name, (column,))
    return _check(reader, name)


def _constraint_name(reader: Reader) -> str | None:
    if not reader.accept("CONSTRAINT") or reader.at_any("PRIMARY", "FOREIGN", "CHECK"):
        return None
    return reader.identifier()


def _references(reader: Reader, name: str | None, columns: tuple[str, ...]) -> ForeignKey:
    reader.expect("REFERENCES")
    parent = reader.name()
    parent_columns = reader.identifiers() if reader.at("(") else ()
    return ForeignKey(columns, parent, parent_columns, name, _key_options(reader))


def _check(reader: Reader, name: str | None) -> Check:
    reader.expect("CHECK")
    check = Check(reader.bracketed(), name)
    if reader.at("NOT", "ENFORCED"):
        raise UnsupportedSyntax("CHECK constraints that are NOT ENFORCED")
    reader.accept("ENFORCED")
    return check


def _key_options(reader: Reader) -> bool:
    """Read the options of a key, which is never enforced; return whether it is RELY."""
    rely = False
    while True:
        if reader.accept("RELY"):
            rely = True
        elif reader.accept("NORELY"):
            rely = False
        elif reader.at("ENFORCED"):
            raise UnsupportedSyntax("PRIMARY KEY and FOREIGN KEY constraints that are ENFORCED")
        elif reader.accept("ON"):
            _no_action(reader)
        elif not (
            reader.accept("NOT", "ENFORCED")
            or reader.accept("DEFERRABLE")
            or reader.accept("INITIALLY", "DEFERRED")
            or reader.accept("MATCH", "FULL")
        ):
            return rely


def _no_action(reader: Reader) -> None:
    event = reader.accept_any("UPDATE", "DELETE")
    if not event:
        raise reader.error()
    if reader.at_any("CASCADE", "SET", "RESTRICT"):
        raise UnsupportedSyntax(f"FOREIGN KEY … ON {event} {reader.token.key}")
    reader.expect("NO", "ACTION")
