"""ALTER TABLE … ALTER COLUMN, and the older CHANGE COLUMN."""

from __future__ import annotations

from .ast import (
    AlterColumns,
    Change,
    ColumnChange,
    Command,
    Kind,
    Name,
    SetComment,
    SetDefault,
    SetMask,
    SetNullable,
    SetType,
    SyncIdentity,
)
from .columns import read_mask, read_position
from .errors import UnsupportedSyntax
from .objects import read_set_tags, read_unset_tags
from .reader import Reader


def read_alter_column(reader: Reader, table: Name) -> Command:
    """Read ALTER [COLUMN] c change, …, or CHANGE [COLUMN] with the column's definition."""
    verb = reader.advance().key
    reader.accept("COLUMN")
    column = reader.name()
    if reader.at("SET", "TAGS") or reader.at("UNSET", "TAGS"):
        if len(column) > 1:
            raise UnsupportedSyntax("tags on a nested field")
        return read_column_tags(reader, table, column[0])
    change = _read_change(reader)
    if change is None and verb == "CHANGE" and reader.at_name():
        return AlterColumns(table, _read_definition(reader, column))
    if change is None:
        raise reader.error()
    changes = [ColumnChange(column, change)]
    while reader.accept(","):
        column, change = reader.name(), _read_change(reader)
        if change is None:
            raise reader.error()
        changes.append(ColumnChange(column, change))
    return AlterColumns(table, tuple(changes))


def read_column_tags(reader: Reader, table: Name, column: str) -> Command:
    """Read SET TAGS or UNSET TAGS of a column of a table or view."""
    if reader.accept("SET", "TAGS"):
        return read_set_tags(reader, Kind.COLUMN, (*table, column))
    reader.expect("UNSET", "TAGS")
    return read_unset_tags(reader, Kind.COLUMN, (*table, column))


def _read_change(reader: Reader) -> Change | None:
    if reader.accept("TYPE"):
        return SetType(reader.type())
    if reader.accept("COMMENT"):
        return SetComment(reader.string())
    if reader.accept("SET", "NOT", "NULL"):
        return SetNullable(False)
    if reader.accept("DROP", "NOT", "NULL"):
        return SetNullable(True)
    if reader.accept("SET", "DEFAULT"):
        return SetDefault(reader.expression())
    if reader.accept("DROP", "DEFAULT"):
        return SetDefault(None)
    if reader.accept("SYNC", "IDENTITY"):
        return SyncIdentity()
    if reader.accept("SET", "MASK"):
        return SetMask(read_mask(reader))
    if reader.accept("DROP", "MASK"):
        return SetMask(None)
    if reader.at_any("FIRST", "AFTER"):
        return read_position(reader)
    return None


def _read_definition(reader: Reader, column: Name) -> tuple[ColumnChange, ...]:
    """Read CHANGE COLUMN c c type [COMMENT 'x'] [FIRST | AFTER d]."""
    if reader.identifier().lower() != column[-1].lower():
        raise UnsupportedSyntax("ALTER TABLE … CHANGE COLUMN with a new name")
    changes: list[Change] = [SetType(reader.type())]
    if reader.accept("COMMENT"):
        changes.append(SetComment(reader.string()))
    if reader.at_any("FIRST", "AFTER"):
        changes.append(read_position(reader))
    return tuple(ColumnChange(column, change) for change in changes)
