"""CREATE FUNCTION."""

from __future__ import annotations

from typing import Any

from .ast import Command, CreateFunction, Fragment, Parameter
from .errors import UnsupportedSyntax
from .reader import Clause, Reader


def read_create_function(reader: Reader, *, or_replace: bool, temporary: bool) -> Command:
    """Read what follows CREATE … FUNCTION."""
    if_not_exists = not or_replace and reader.accept("IF", "NOT", "EXISTS")
    name = reader.name()
    if reader.at("AS"):
        raise UnsupportedSyntax("CREATE FUNCTION … AS 'class'")
    parameters = _parameters(reader)
    clauses = reader.clauses(lambda: _characteristic(reader))
    returns = clauses.pop("returns", {})
    return CreateFunction(
        name=name,
        parameters=parameters,
        body=_body(reader, clauses.get("language", "SQL")),
        or_replace=or_replace,
        if_not_exists=if_not_exists,
        temporary=temporary,
        **returns,
        **clauses,
    )


def _parameters(reader: Reader) -> tuple[Parameter, ...]:
    """Read (name type [DEFAULT e] [COMMENT 'c'], …), which may be empty."""
    reader.expect("(")
    if reader.accept(")"):
        return ()
    parameters = reader.separated(lambda: _parameter(reader))
    reader.expect(")")
    return parameters


def _parameter(reader: Reader) -> Parameter:
    name, type_text = reader.identifier(), reader.type()
    default = reader.expression("COMMENT") if reader.accept("DEFAULT") else None
    comment = reader.string() if reader.accept("COMMENT") else None
    return Parameter(name, type_text, default, comment)


def _characteristic(reader: Reader) -> Clause | None:
    if reader.accept("RETURNS"):
        return "returns", lambda: _returns(reader)
    if reader.accept("LANGUAGE"):
        return "language", lambda: _language(reader)
    if reader.accept("NOT", "DETERMINISTIC"):
        return "deterministic", lambda: False
    if reader.accept("DETERMINISTIC"):
        return "deterministic", lambda: True
    if reader.accept("CONTAINS", "SQL"):
        return "data_access", lambda: "CONTAINS SQL"
    if reader.accept("READS", "SQL", "DATA"):
        return "data_access", lambda: "READS SQL DATA"
    if reader.accept("COMMENT"):
        return "comment", reader.string
    for refused in (("ENVIRONMENT",), ("HANDLER",), ("PARAMETER", "STYLE"), ("DEFAULT", "COLLATION")):
        if reader.at(*refused):
            raise UnsupportedSyntax("CREATE FUNCTION … " + " ".join(refused))
    return None


def _returns(reader: Reader) -> dict[str, Any]:
    if not reader.accept("TABLE"):
        return {"returns": reader.type()}
    return {"columns": _parameters(reader) if reader.at("(") else ()}


def _language(reader: Reader) -> str:
    if not reader.at_any("SQL", "PYTHON") and reader.token.kind == "word":
        raise UnsupportedSyntax(f"CREATE FUNCTION … LANGUAGE {reader.token.key}")
    language = reader.accept_any("SQL", "PYTHON")
    if not language:
        raise reader.error()
    return language


def _body(reader: Reader, language: str) -> Fragment:
    if language == "SQL":
        reader.expect("RETURN")
        return reader.rest()
    reader.expect("AS")
    return reader.quoted_text()
