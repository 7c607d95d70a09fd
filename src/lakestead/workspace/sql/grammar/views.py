"""CREATE VIEW."""

from __future__ import annotations

from .ast import Command, CreateView, ViewColumn
from .errors import UnsupportedSyntax
from .reader import Clause, Reader

_SCHEMA_MODES = ("BINDING", "COMPENSATION", "EVOLUTION", "TYPE")


def read_create_view(reader: Reader, *, or_replace: bool, temporary: bool) -> Command:
    """Read what follows CREATE … VIEW."""
    if_not_exists = not or_replace and reader.accept("IF", "NOT", "EXISTS")
    name = reader.name()
    if reader.at("USING"):
        raise UnsupportedSyntax("CREATE TEMPORARY VIEW … USING")
    columns = reader.parenthesised(lambda: _column(reader)) if reader.at("(") else ()
    clauses = reader.clauses(lambda: _clause(reader))
    reader.expect("AS")
    return CreateView(
        name=name,
        query=reader.query(),
        columns=columns,
        or_replace=or_replace,
        temporary=temporary,
        if_not_exists=if_not_exists,
        **clauses,
    )


def _column(reader: Reader) -> ViewColumn:
    name = reader.identifier()
    return ViewColumn(name, reader.string() if reader.accept("COMMENT") else None)


def _clause(reader: Reader) -> Clause | None:
    if reader.accept("COMMENT"):
        return "comment", reader.string
    if reader.accept("TBLPROPERTIES"):
        return "properties", reader.pairs
    if reader.accept("WITH", "SCHEMA"):
        return "schema_mode", lambda: _schema_mode(reader)
    for refused in (("WITH", "METRICS"), ("DEFAULT", "COLLATION")):
        if reader.at(*refused):
            raise UnsupportedSyntax("CREATE VIEW … " + " ".join(refused))
    return None


def _schema_mode(reader: Reader) -> str:
    mode = reader.accept_any(*_SCHEMA_MODES)
    if not mode:
        raise reader.error()
    if mode == "TYPE":
        reader.expect("EVOLUTION")
        mode = "TYPE EVOLUTION"
    return mode
