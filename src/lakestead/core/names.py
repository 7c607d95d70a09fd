"""Unity Catalog object names: quoting, splitting, canonical form.

Rules from Databricks' "Names" reference: at most 255 characters; no period, space, forward slash,
ASCII control character or DELETE; stored in lower case and compared without regard to case.
"""

from __future__ import annotations

import re

MAX_NAME_LENGTH = 255
_FORBIDDEN = re.compile(r"[. /\x00-\x1f\x7f]")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_PART = re.compile(r"`((?:[^`]|``)*)`|([^`.\s]+)")


class InvalidName(ValueError):
    """A name that Unity Catalog would refuse."""


def quote(part: str) -> str:
    """Return one identifier in backticks, its own backticks doubled."""
    return "`" + part.replace("`", "``") + "`"


def quote_name(*parts: str) -> str:
    """Return a dotted name with every part in backticks."""
    return ".".join(quote(part) for part in parts)


def quote_if_needed(part: str) -> str:
    """Return the identifier bare where SQL allows it, else in backticks."""
    return part if _PLAIN.match(part) else quote(part)


def split_name(text: str) -> tuple[str, ...]:
    """Split a dotted name into its parts, honouring backticks.

    Args:
        text: e.g. ``main.raw.`my.table```.

    Raises:
        InvalidName: when the text is not a dotted name.
    """
    parts: list[str] = []
    position = 0
    text = text.strip()
    while True:
        match = _PART.match(text, position)
        if match is None:
            raise InvalidName(f"'{text}' is not a valid name at position {position}")
        quoted, bare = match.groups()
        parts.append(quoted.replace("``", "`") if quoted is not None else bare)
        position = match.end()
        if position == len(text):
            return tuple(parts)
        if text[position] != ".":
            raise InvalidName(f"'{text}' is not a valid name at position {position}")
        position += 1


def canonical(name: str) -> str:
    """Return the name as Unity Catalog stores it: checked, in lower case.

    Raises:
        InvalidName: when the name is empty, too long, or has a forbidden character.
    """
    if not name:
        raise InvalidName("a name must not be empty")
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidName(
            f"name '{name[:40]}…' has {len(name)} characters; at most {MAX_NAME_LENGTH} are allowed"
        )
    forbidden = _FORBIDDEN.search(name)
    if forbidden:
        raise InvalidName(
            f"name '{name}' has the character {forbidden.group()!r}, which is not allowed in a name"
        )
    return name.lower()


def quote_string(value: str) -> str:
    """Return a Spark SQL string literal, safe for any text."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
