"""Values on their way into a table's columns: casts, defaults, identities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lakestead.core.names import quote
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.grammar.lexer import Token
from lakestead.workspace.store.objects import TableColumn

# The engine casts these by itself, field by field; written out, it would refuse the cast.
_NESTED = ("array", "map", "struct", "variant", "void", "interval")


def cast(column: TableColumn, value: str) -> str:
    """Return a value as the column's type."""
    return value if column.type.startswith(_NESTED) else f"CAST({value} AS {engine_type(column.type)})"


def engine_type(ddl: str) -> str:
    """Return a type as the engine knows it: it has no character types with a length."""
    return "STRING" if ddl.startswith(("varchar", "char")) else ddl.upper()


def default(column: TableColumn) -> str:
    """Return what a column gets when a statement gives no value.

    Raises:
        ApiError: the column makes its own values.
    """
    if column.generation is not None or column.identity is not None:
        raise ApiError(
            ErrorCode.INVALID_STATEMENT, f"Column {quote(column.name)} makes its own values: leave it out."
        )
    return cast(column, f"({column.default})" if column.default else "NULL")


def identity(column: TableColumn, number: str) -> str:
    """Return the identity value of the n-th new row.

    Args:
        column: an identity column; its ``next`` is the first value that was never given out.
        number: an expression that counts the new rows from 1.
    """
    spec = column.identity or {}
    return f"CAST({spec['next']} + ({number} - 1) * {spec['step']} AS BIGINT)"


def refuse_explicit(column: TableColumn) -> None:
    """Raise when a statement may not give values to a column.

    Raises:
        ApiError: the column is GENERATED ALWAYS AS IDENTITY.
    """
    if column.identity is not None and column.identity["always"]:
        raise ApiError(
            ErrorCode.INVALID_STATEMENT,
            f"Providing values for GENERATED ALWAYS AS IDENTITY column {quote(column.name)} is not allowed.",
            condition="DELTA_IDENTITY_COLUMNS_EXPLICIT_INSERT_NOT_SUPPORTED",
            sqlstate="42808",
        )


@dataclass(frozen=True, slots=True)
class Assignment:
    """``qualifier.column = value`` in a SET list; the value is None for DEFAULT."""

    column: str
    value: str | None
    qualifier: tuple[str, ...] = ()


def assignments(text: str, tokens: Sequence[Token]) -> list[Assignment]:
    """Read a SET list.

    Args:
        text: the statement.
        tokens: those of the list.

    Raises:
        ApiError: SYNTAX_ERROR.
    """
    found: list[Assignment] = []
    for part in split(tokens):
        equals = next((index for index, token in enumerate(part) if token.key == "="), None)
        if not equals or equals + 1 >= len(part):
            near = text[part[0].start : part[-1].end] if part else "SET"
            raise ApiError(ErrorCode.SYNTAX_ERROR, f"Syntax error at or near '{near[:80]}'.")
        named = [text[token.start : token.end] for token in part[:equals] if token.key != "."]
        *qualifier, name = (one.strip("`").replace("``", "`") for one in named)
        value = part[equals + 1 :]
        only_default = len(value) == 1 and value[0].key == "DEFAULT"
        words = None if only_default else text[value[0].start : value[-1].end]
        found.append(Assignment(name, words, tuple(qualifier)))
    return found


def split(tokens: Sequence[Token]) -> list[list[Token]]:
    """Split tokens at the commas that stand in no parentheses."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.key in ("(", "[", "{"):
            depth += 1
        elif token.key in (")", "]", "}"):
            depth -= 1
        if token.key == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts if parts != [[]] else []


def set_list(text: str, tokens: Sequence[Token], columns: Sequence[TableColumn]) -> str:
    """Return a SET list with every value cast to its column's type, and DEFAULT resolved.

    Raises:
        ApiError: COLUMN_NOT_FOUND; an identity column is set.
    """
    known = {column.name.lower(): column for column in columns}
    parts: list[str] = []
    for one in assignments(text, tokens):
        column = known.get(one.column.lower())
        if column is None:
            # A field of a struct, or a column that does not exist: the engine knows which.
            parts.append(f"{quote(one.column)} = {one.value}")
            continue
        if column.identity is not None:
            raise ApiError(
                ErrorCode.INVALID_STATEMENT, f"Identity column {quote(column.name)} cannot be updated."
            )
        value = default(column) if one.value is None else cast(column, f"({one.value})")
        parts.append(f"{quote(column.name)} = {value}")
    return ", ".join(parts)
