"""CREATE VIEW."""

from __future__ import annotations

from typing import Any

from .ast import Command, CreateView, ViewColumn
from .errors import SqlSyntaxError, UnsupportedSyntax
from .reader import Reader

_SCHEMA_MODES = ("BINDING", "COMPENSATION", "EVOLUTION", "TYPE")


def read_create_view(reader: Reader, *, or_replace: bool, temporary: bool) -> Command:
    """Read what follows CREATE … VIEW."""
    if_not_exists = not or_replace and reader.accept("IF", "NOT", "EXISTS")
    name = reader.name()
    if reader.at("USING"):
        raise UnsupportedSyntax("CREATE TEMPORARY VIEW … USING")
    columns = reader.parenthesised(lambda: _column(reader)) if reader.at("(") else ()
    clauses = _read_clauses(reader)
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


def _read_clauses(reader: Reader) -> dict[str, Any]:
    clauses: dict[str, Any] = {}
    while not reader.at("AS"):
        start = reader.token
        if reader.accept("COMMENT"):
            key, value = "comment", reader.string()
        elif reader.accept("TBLPROPERTIES"):
            key, value = "properties", reader.pairs()  # type: ignore[assignment]
        elif reader.accept("WITH", "SCHEMA"):
            key, value = "schema_mode", _schema_mode(reader)
        elif reader.at("WITH", "METRICS"):
            raise UnsupportedSyntax("CREATE VIEW … WITH METRICS")
        elif reader.at("DEFAULT", "COLLATION"):
            raise UnsupportedSyntax("CREATE VIEW … DEFAULT COLLATION")
        else:
            raise reader.error()
        if key in clauses:
            detail = f"Found duplicate clauses: {start.key}. Please, remove one of them."
            raise SqlSyntaxError(reader.text, start.start, detail, "DUPLICATE_CLAUSES", "42614")
        clauses[key] = value
    return clauses


def _schema_mode(reader: Reader) -> str:
    mode = reader.accept_any(*_SCHEMA_MODES)
    if not mode:
        raise reader.error()
    if mode == "TYPE":
        reader.expect("EVOLUTION")
        mode = "TYPE EVOLUTION"
    return mode
