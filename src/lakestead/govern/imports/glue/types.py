"""Hive's types, which Glue's columns have, in Databricks SQL."""

from __future__ import annotations

import re

from lakestead.core.names import quote

_SAME = {
    "boolean": "BOOLEAN",
    "tinyint": "TINYINT",
    "byte": "TINYINT",
    "smallint": "SMALLINT",
    "short": "SMALLINT",
    "int": "INT",
    "integer": "INT",
    "bigint": "BIGINT",
    "long": "BIGINT",
    "float": "FLOAT",
    "real": "FLOAT",
    "double": "DOUBLE",
    "double precision": "DOUBLE",
    "string": "STRING",
    "binary": "BINARY",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "timestamp with local time zone": "TIMESTAMP",
}
_SIZED = re.compile(r"(decimal|numeric|char|varchar)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\Z")
_NESTED = re.compile(r"(array|map|struct|uniontype)\s*<(.*)>\Z", re.DOTALL | re.IGNORECASE)
_DIGITS = 38
_LENGTHS = {"char": 255, "varchar": 65_535}


class UnknownType(ValueError):
    """A type that Unity Catalog has nothing for."""


def databricks_type(text: str) -> str:
    """Return a type of Hive in Databricks SQL.

    Args:
        text: such as `array<struct<id:bigint,name:string>>`.

    Raises:
        UnknownType: for unions, intervals, and what is no type.
    """
    text = text.strip()
    nested = _NESTED.match(text)
    if nested:
        return _nested(nested[1].lower(), nested[2], text)
    plain = " ".join(text.lower().split())
    if plain in _SAME:
        return _SAME[plain]
    sized = _SIZED.match(plain)
    if sized:
        return _sized(sized[1], sized[2], sized[3], text)
    raise UnknownType(f"Unity Catalog has no type for '{text}'")


def _sized(name: str, first: str | None, second: str | None, text: str) -> str:
    if name in ("decimal", "numeric"):
        digits, scale = int(first or 10), int(second or 0)  # Hive's defaults
        if not 1 <= digits <= _DIGITS or scale > digits:
            raise UnknownType(f"'{text}' is no decimal: it has at most {_DIGITS} digits")
        return f"DECIMAL({digits},{scale})"
    if first is None or second is not None or not 1 <= int(first) <= _LENGTHS[name]:
        raise UnknownType(f"'{text}' needs a length of at most {_LENGTHS[name]}")
    return f"{name.upper()}({int(first)})"


def _nested(kind: str, inside: str, text: str) -> str:
    parts = _split(inside)
    if kind == "array" and len(parts) == 1:
        return f"ARRAY<{databricks_type(parts[0])}>"
    if kind == "map" and len(parts) == 2:
        return f"MAP<{databricks_type(parts[0])}, {databricks_type(parts[1])}>"
    if kind == "struct" and inside.strip():
        return f"STRUCT<{', '.join(_field(part, text) for part in parts)}>"
    raise UnknownType(f"Unity Catalog has no type for '{text}'")


def _field(part: str, text: str) -> str:
    name, found, kind = part.strip().partition(":")
    if not found or not name.strip():
        raise UnknownType(f"'{text}' has a field without a name or type: '{part}'")
    return f"{quote(name.strip().strip('`'))}: {databricks_type(kind)}"


def _split(inside: str) -> list[str]:
    """Split at the commas that are in no brackets."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(inside):
        depth += (letter in "<(") - (letter in ">)")
        if letter == "," and depth == 0:
            parts.append(inside[start:place])
            start = place + 1
    return [*parts, inside[start:]]
