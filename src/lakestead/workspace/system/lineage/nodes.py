"""What nodes of a parsed query are called."""

from __future__ import annotations

from typing import Any

from sqlglot import exp


def star(node: Any) -> Any:
    """Return the star that a node is, with or without a name before it."""
    if isinstance(node, exp.Star):
        return node
    return node.this if isinstance(node, exp.Column) and isinstance(node.this, exp.Star) else None


def path(column: Any) -> tuple[str, ...]:
    """Return the parts of a column's name, in lower case."""
    return tuple(part.name.lower() for part in column.parts)


def names(node: Any) -> list[str]:
    """Return the names that an alias gives to columns."""
    alias = node.args.get("alias")
    return [one.name.lower() for one in alias.columns] if isinstance(alias, exp.TableAlias) else []


def implicit_name(node: Any) -> str | None:
    """Return the name of a column without an alias, where it does not depend on how the engine writes it."""
    while isinstance(node, exp.Cast | exp.Paren) and isinstance(node.this, exp.Column | exp.Dot | exp.Paren):
        node = node.this
    if isinstance(node, exp.Column):
        return str(node.name.lower())
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        return str(node.expression.name.lower())
    return None
