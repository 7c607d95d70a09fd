"""DESCRIBE."""

from __future__ import annotations

from .ast import (
    Command,
    DescribeCatalog,
    DescribeDetail,
    DescribeFunction,
    DescribeHistory,
    DescribeQuery,
    DescribeSchema,
    DescribeTable,
    DescribeVolume,
)
from .errors import UnsupportedSyntax
from .reader import Reader
from .unserved import refuse_object


def read_describe(reader: Reader) -> Command:
    """Read what follows DESCRIBE. A word such as HISTORY is a table's own name when no name follows it."""
    if reader.at_any("SELECT", "WITH", "VALUES", "FROM", "("):
        return DescribeQuery(reader.query())
    follower = reader.ahead(1)
    if follower.kind in ("word", "quoted", "string") and follower.key != "AS":
        command = _read_special(reader)
        if command is not None:
            return command
        refuse_object(reader, "DESCRIBE")
        reader.accept("TABLE")
    return _read_table(reader)


def _read_special(reader: Reader) -> Command | None:
    if reader.accept("HISTORY"):
        table = reader.path_or_name()
        return DescribeHistory(table, reader.integer() if reader.accept("LIMIT") else None)
    if reader.accept("DETAIL"):
        return DescribeDetail(reader.path_or_name())
    if reader.accept("QUERY"):
        return DescribeQuery(reader.query())
    if reader.accept("CATALOG"):
        extended = _accept_extended(reader)
        return DescribeCatalog(reader.name(), extended)
    if reader.accept_any("SCHEMA", "DATABASE"):
        extended = _accept_extended(reader)
        return DescribeSchema(reader.name(), extended)
    if reader.accept("VOLUME"):
        return DescribeVolume(reader.name())
    if reader.accept("FUNCTION"):
        extended = _accept_extended(reader)
        name = (reader.string(),) if reader.at_string() else reader.name()
        return DescribeFunction(name, extended)
    return None


def _accept_extended(reader: Reader) -> bool:
    follower = reader.ahead(1)
    return (
        follower.kind in ("word", "quoted")
        and follower.key != "AS"
        and bool(reader.accept_any("EXTENDED", "FORMATTED"))
    )


def _read_table(reader: Reader) -> Command:
    extended = _accept_extended(reader)
    table = reader.name()
    if reader.at("PARTITION", "("):
        raise UnsupportedSyntax("DESCRIBE TABLE … PARTITION")
    column = None
    if reader.at_name() and not reader.at("AS", "JSON"):
        column = reader.name()
    as_json = reader.accept("AS", "JSON")
    return DescribeTable(table, extended, column, as_json)
