"""USE, SET and RESET."""

from __future__ import annotations

import re

from .ast import Command, ResetOption, SetOption, SetTimeZone, ShowOptions, UseCatalog, UseSchema
from .errors import UnsupportedSyntax
from .objects import read_tag_statement
from .reader import Reader

# SET takes its value as raw text: it need not be a token, let alone a literal.
_KEY = re.compile(r"`[^`]+`|[\w.:\-]+")
_SPECIAL = re.compile(r"(?:VAR|VARIABLE|TAG|CATALOG|RECIPIENT|TIME\s+ZONE)\s+[^\s=]", re.IGNORECASE)


def read_use(reader: Reader) -> Command:
    """Read what follows USE."""
    if reader.ahead(1).kind != "end" and reader.ahead(1).key not in (".", ";"):
        if reader.accept("CATALOG"):
            return UseCatalog(_catalog(reader))
        reader.accept_any("SCHEMA", "DATABASE", "NAMESPACE")
    return UseSchema(reader.name())


def _catalog(reader: Reader) -> str:
    return reader.string() if reader.at_string() else reader.single_name()


def raw_set(text: str, start: int) -> Command | None:
    """Read the SET statement whose words begin at ``start``; None if it is a special form or faulty."""
    words = _without_semicolons(text[start:])
    if _SPECIAL.match(words) or ";" in words:
        return None
    key, equals, value = words.partition("=")
    key = key.rstrip()
    if not _KEY.fullmatch(key):
        return None
    if equals:
        return SetOption(key.strip("`"), value.strip())
    return ShowOptions(verbose=True) if key == "-v" else ShowOptions(key.strip("`"))


def _without_semicolons(text: str) -> str:
    return text.rstrip("; \t\r\n").lstrip()


def read_set(reader: Reader) -> Command:
    """Read what follows SET, where `raw_set` has read nothing."""
    if reader.accept("CATALOG"):
        return UseCatalog(_catalog(reader))
    if reader.accept("TAG"):
        return read_tag_statement(reader, "SET")
    if reader.accept("TIME", "ZONE"):
        return _time_zone(reader)
    if reader.at_any("VAR", "VARIABLE", "RECIPIENT"):
        raise UnsupportedSyntax(f"SET {reader.token.key}")
    return ShowOptions()


def _time_zone(reader: Reader) -> Command:
    if reader.at("INTERVAL"):
        raise UnsupportedSyntax("SET TIME ZONE INTERVAL")
    if reader.accept("LOCAL"):
        return SetTimeZone(None)
    return SetTimeZone(reader.string())


def raw_reset(text: str, start: int) -> Command | None:
    """Read the RESET statement whose words begin at ``start``; None when there is no key."""
    key = _without_semicolons(text[start:])
    return ResetOption(key.strip("`")) if _KEY.fullmatch(key) else None


def read_reset(reader: Reader) -> Command:
    """Read what follows RESET, where `raw_reset` has read nothing."""
    return ResetOption()


def read_unset(reader: Reader) -> Command:
    """Read what follows UNSET."""
    reader.expect("TAG")
    return read_tag_statement(reader, "UNSET")
