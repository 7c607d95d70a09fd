"""ALTER TABLE."""

from __future__ import annotations

from .alter_column import read_alter_column
from .ast import (
    AddColumns,
    AddConstraint,
    ClusterBy,
    Command,
    DropColumns,
    DropConstraint,
    DropForeignKey,
    DropPrimaryKey,
    Kind,
    Name,
    NewColumn,
    RenameColumn,
    SetRowFilter,
)
from .changes import read_change
from .columns import (
    Definition,
    at_constraint,
    read_clustering,
    read_constraint,
    read_definition,
    read_row_filter,
)
from .errors import UnsupportedSyntax
from .reader import Reader

_REFUSED = (
    ("ADD", "PARTITION"),
    ("ADD", "IF", "NOT", "EXISTS", "PARTITION"),
    ("DROP", "PARTITION"),
    ("DROP", "IF", "EXISTS", "PARTITION"),
    ("PARTITION",),
    ("RECOVER", "PARTITIONS"),
    ("REPLACE", "COLUMNS"),
    ("REPLACE", "PARTITIONED", "BY"),
    ("DROP", "FEATURE"),
    ("SET", "SERDE"),
    ("SET", "SERDEPROPERTIES"),
    ("SET", "MANAGED"),
    ("UNSET", "MANAGED"),
)


def read_alter_table(reader: Reader) -> Command:
    """Read what follows ALTER TABLE."""
    table = reader.name()
    for words in _REFUSED:
        if reader.at(*words):
            raise UnsupportedSyntax("ALTER TABLE … " + " ".join(words))
    command = read_change(reader, Kind.TABLE, table)
    if command is not None:
        return command
    if reader.accept("ADD"):
        return _read_add(reader, table)
    if reader.accept("DROP"):
        return _read_drop(reader, table)
    if reader.at_any("ALTER", "CHANGE"):
        return read_alter_column(reader, table)
    if reader.accept("RENAME", "COLUMN"):
        column = reader.name()
        reader.expect("TO")
        return RenameColumn(table, column, reader.identifier())
    if reader.accept("CLUSTER", "BY"):
        return ClusterBy(table, read_clustering(reader))
    if reader.accept("SET", "ROW", "FILTER"):
        return SetRowFilter(table, read_row_filter(reader))
    raise reader.error()


def _read_add(reader: Reader, table: Name) -> Command:
    if at_constraint(reader):
        return AddConstraint(table, read_constraint(reader))
    named = reader.accept_any("COLUMN", "COLUMNS")
    if reader.at("("):
        added = reader.parenthesised(lambda: _new_column(reader))
    elif named:
        added = reader.separated(lambda: _new_column(reader))
    else:
        raise reader.error()
    columns = tuple(NewColumn(one.column, parent, one.position) for parent, one in added)
    return AddColumns(table, columns, tuple(constraint for _, one in added for constraint in one.constraints))


def _new_column(reader: Reader) -> tuple[Name, Definition]:
    *parent, name = reader.name()
    return tuple(parent), read_definition(reader, name)


def _read_drop(reader: Reader, table: Name) -> Command:
    if reader.accept_any("COLUMN", "COLUMNS"):
        if_exists = reader.accept("IF", "EXISTS")
        in_brackets = reader.at("(")
        columns = reader.parenthesised(reader.name) if in_brackets else reader.separated(reader.name)
        return DropColumns(table, columns, if_exists)
    if reader.accept("CONSTRAINT"):
        if_exists = reader.accept("IF", "EXISTS")
        return DropConstraint(table, reader.identifier(), if_exists, _cascade(reader))
    if reader.accept("PRIMARY", "KEY"):
        return DropPrimaryKey(table, reader.accept("IF", "EXISTS"), _cascade(reader))
    if reader.accept("FOREIGN", "KEY"):
        if_exists = reader.accept("IF", "EXISTS")
        return DropForeignKey(table, reader.identifiers(), if_exists)
    if reader.accept("ROW", "FILTER"):
        return SetRowFilter(table, None)
    raise reader.error()


def _cascade(reader: Reader) -> bool:
    return reader.accept_any("RESTRICT", "CASCADE") == "CASCADE"
