"""Resolved secrets: what each value is for, where it comes from, and what it hides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .redaction import MASK, Redactor

_SECRET_KEY = re.compile(
    r"passw|passphrase|pwd|token|secret|credential|connection_string|dsn|signature|authorization|cookie"
    r"|(^|_)sas(_|$)|^key$|(^|_)(access|account|api|storage|shared|private|subscription|license|encryption)_?key"
)
_NOT_SECRET_KEY = re.compile(r"(^|_)(scope|expires?|location|header|name|type)$")
_USER_INFO = re.compile(r"://[^/@\s]*:[^/@\s]+@")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value is kept.

    Attributes:
        kind: `environment`, `file`, `secret scope` or `key vault`.
        place: the variable, file and line, or the name in the scope or vault.
        reference: what stands there instead of the value: `secret://scope/key` or `keyvault://name`.
    """

    kind: str
    place: str
    reference: str | None = None

    def __str__(self) -> str:
        place = self.place if self.kind == "file" else f"{self.kind} {self.place}"
        return place + (f" → {self.reference}" if self.reference else "")


@dataclass(frozen=True)
class Resolved:
    """One value, which only `read` gives.

    Attributes:
        path: the keys that lead to it, e.g. `("sources", "erp", "password")`.
        origin: where it is kept.
        read: gets it; may ask a secret store.
        shadows: lower places that have a value for the same path.
    """

    path: tuple[str, ...]
    origin: Origin
    read: Callable[[], Any] = field(repr=False, compare=False)
    shadows: tuple[Origin, ...] = ()

    @property
    def is_here(self) -> bool:
        """Whether no secret store is asked for it."""
        return self.origin.kind in ("environment", "file") and self.origin.reference is None

    @property
    def is_secret(self) -> bool:
        """Whether the value may not be shown, as far as its name and its place tell."""
        kept_apart = self.origin.kind in ("secret scope", "key vault") or self.origin.reference is not None
        key = self.path[-1].lower()
        return kept_apart or (bool(_SECRET_KEY.search(key)) and not _NOT_SECRET_KEY.search(key))


class Section(dict[str, Any]):
    """A section of the secrets, as drivers and models take it; it does not show its values."""

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{key!r}: {_masked(value)}" for key, value in self.items()) + "}"

    __str__ = __repr__


def _masked(value: Any) -> str:
    return repr(value) if isinstance(value, Section) else MASK


class Secrets:
    """All secrets of a project.

    Args:
        entries: in the order of their sections.
        warnings: what is worth knowing of the places they are kept in: place and text.

    Attributes:
        redactor: masks the values of variables and the file, and those of stores that have been read.
    """

    def __init__(self, entries: Iterable[Resolved], warnings: Iterable[tuple[str, str]] = ()) -> None:
        self.entries = tuple(entries)
        self.warnings = tuple(warnings)
        self.redactor = Redactor()
        self._read: dict[tuple[str, ...], Any] = {}
        for entry in self.entries:
            if entry.is_here:
                self._value(entry)

    def __repr__(self) -> str:
        return f"Secrets({len(self.entries)} values)"

    @property
    def source_names(self) -> list[str]:
        """The sources that have a section, in order."""
        return sorted({entry.path[1] for entry in self.entries if entry.path[0] == "sources"})

    def section(self, *path: str) -> Section:
        """Return a section: `section("sources", "erp")`; empty when there is none.

        Raises:
            ConfigError: when a secret store does not give what is asked of it.
        """
        tree = Section()
        for entry in self.entries:
            if entry.path[: len(path)] == path and len(entry.path) > len(path):
                *above, key = entry.path[len(path) :]
                inner = tree
                for name in above:
                    inner = inner.setdefault(name, Section())
                inner[key] = self._value(entry)
        return tree

    def get(self, *path: str) -> Any | None:
        """Return one value; None when there is none.

        Raises:
            ConfigError: when a secret store does not give what is asked of it.
        """
        return next((self._value(entry) for entry in self.entries if entry.path == path), None)

    def source(self, name: str) -> Section:
        """Return the section of a source."""
        return self.section("sources", name)

    def tree(self) -> Section:
        """Return everything, as `.dlt/secrets.toml` would have it."""
        return self.section()

    def origin(self, *path: str) -> Origin | None:
        """Return where a value comes from; None when there is none."""
        return next((entry.origin for entry in self.entries if entry.path == path), None)

    def redact(self, text: str) -> str:
        """Return a text with every known secret value masked."""
        return self.redactor.redact(text)

    def _value(self, entry: Resolved) -> Any:
        if entry.path not in self._read:
            value = entry.read()
            for text in _texts(value):
                if entry.is_secret or _USER_INFO.search(text):
                    self.redactor.add(text)
            self._read[entry.path] = value
        return self._read[entry.path]


def _texts(value: Any) -> Iterable[str]:
    """Yield the texts in a value, which may be a list or an inline table."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
