"""ALTER of every kind of object but tables, and the changes that all kinds take."""

from __future__ import annotations

from .alter_column import read_column_tags
from .alter_table import read_alter_table
from .ast import AlterViewQuery, Command, Kind, Name
from .changes import read_change
from .errors import UnsupportedSyntax
from .objects import accept_kind
from .reader import Reader
from .unserved import refuse_object


def read_alter(reader: Reader) -> Command:
    """Read what follows ALTER."""
    if reader.accept("TABLE"):
        return read_alter_table(reader)
    kind = accept_kind(reader, "CATALOG", "SCHEMA", "DATABASE", "VIEW", "VOLUME", "FUNCTION")
    if kind is None:
        refuse_object(reader, "ALTER")
        raise reader.error()
    name = reader.name()
    command = read_change(reader, kind, name)
    if command is None and kind is Kind.VIEW:
        command = _read_view_change(reader, name)
    if command is None:
        raise reader.error()
    return command


def _read_view_change(reader: Reader, name: Name) -> Command | None:
    if reader.accept("AS"):
        return AlterViewQuery(name, reader.query())
    if reader.at("WITH", "SCHEMA"):
        raise UnsupportedSyntax("ALTER VIEW … WITH SCHEMA")
    if reader.accept("ALTER"):
        reader.accept("COLUMN")
        return read_column_tags(reader, name, reader.identifier())
    return None
