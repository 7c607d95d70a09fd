"""Secrets in `.dlt/secrets.toml`, each with the line it is written on."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lakestead.core.errors import ConfigError

from .found import Found
from .secrets import Origin

_HEADER = re.compile(r"\s*\[(?!\[)(.+)\]\s*(#.*)?$")
_KEY = re.compile(r"""\s*([A-Za-z0-9_.\- "']+?)\s*=\s*(.*)$""")
_QUOTES = ('"""', "'''")


def from_file(path: Path) -> list[Found]:
    """Return what a file says; nothing if it is not there.

    Raises:
        ConfigError: when it cannot be read or is no TOML; names the line, no value.
    """
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except FileNotFoundError:
        return []
    except tomllib.TOMLDecodeError as error:
        raise _mistake(path, str(error)) from None  # the cause has the whole text with it
    except UnicodeDecodeError:
        raise ConfigError("is not UTF-8 text", where=str(path)) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error}", where=str(path)) from error
    lines = dict(_lines(text))
    return [
        Found(keys, value, Origin("file", f"{path}:{lines[keys]}" if keys in lines else str(path)))
        for keys, value in _leaves(data, ())
    ]


def readable_by_others(path: Path) -> str | None:
    """Return a warning when a file of secrets is open to other users of the machine."""
    if os.name != "posix" or not path.is_file():
        return None
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & 0o077:
        return None
    return f"other users of this machine may read or change it (mode {mode:04o}): chmod 600 {path}"


def _mistake(path: Path, message: str) -> ConfigError:
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", message, re.DOTALL)
    place = f"{path}:{found[2]}:{found[3]}" if found and found[2] else str(path)
    problem = found[1] if found else message
    return ConfigError(
        f'is not valid TOML: {problem[:1].lower()}{problem[1:]}; texts stand in quotes: key = "value"',
        where=place,
    )


def _leaves(table: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _lines(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield the keys of a valid document and the lines they stand on; tomllib does not tell."""
    section: tuple[str, ...] = ()
    inside: str | None = None  # the quotes of a text of many lines
    for number, line in enumerate(text.splitlines(), 1):
        if inside is not None:
            inside = None if inside in line else inside
            continue
        if header := _HEADER.match(line):
            section = _keys(f"[{header[1]}]")
        elif key := _KEY.match(line):
            yield (*section, *_keys(f"{key[1]} = 0")), number
            quotes = key[2][:3]
            inside = quotes if quotes in _QUOTES and quotes not in key[2][3:] else None


def _keys(text: str) -> tuple[str, ...]:
    """Return the keys of a header or of a key's own line."""
    try:
        table: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError:  # a line of something longer that only looks like one
        return ()
    keys: list[str] = []
    while isinstance(table, dict) and table:
        key, table = next(iter(table.items()))
        keys.append(key)
    return tuple(keys)
