"""What is staged for one load, in a form that any machine can take up again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lakestead.core.datatypes import DataType, parse_type
from lakestead.ingest.sources.source import Cursor


@dataclass(frozen=True, slots=True)
class StagedColumn:
    """A column of the staged files.

    Attributes:
        source: its name in the files.
        name: its name in the table.
        type: its type, in SQL.
        comment: the source's own description.
    """

    source: str
    name: str
    type: str
    comment: str | None = None

    @property
    def datatype(self) -> DataType:
        """Its type."""
        return parse_type(self.type)


@dataclass(frozen=True, slots=True)
class Package:
    """The files of one extraction and what is to be done with them.

    Attributes:
        load_id: names the load; sorts by time.
        files: their names in the staging area.
        columns: of the files.
        keys: names of the table's columns that identify a row; may be empty.
        strategy: what happens to the target's rows.
        started: when the load began, UTC.
        rows: in all files.
        size: bytes of all files.
        whole: whether the files hold all that there is to load: all rows of the source, or of new files.
        watermark_column: the table's column that grows; None for a load without.
        lower: from which watermark on the source was read; None for no bound.
        cursor: how far the source was read.
        rejects: names of the staged files of what the source could not read as rows.
    """

    load_id: str
    files: tuple[str, ...]
    columns: tuple[StagedColumn, ...]
    keys: tuple[str, ...]
    strategy: str
    started: datetime
    rows: int
    size: int
    whole: bool = True
    watermark_column: str | None = None
    lower: Any | None = None
    cursor: Cursor | None = None
    rejects: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return it as text."""
        values = {name: getattr(self, name) for name in self.__slots__}
        values["columns"] = [asdict(column) for column in self.columns]
        values["started"] = encoded(self.started)
        values["lower"] = encoded(self.lower)
        values["cursor"] = cursor_to_json(self.cursor)
        return json.dumps(values)

    @classmethod
    def from_json(cls, text: str) -> Package:
        """Return what `to_json` gave."""
        values = json.loads(text)
        for name in ("files", "keys", "rejects"):
            values[name] = tuple(values[name])
        values["columns"] = tuple(StagedColumn(**one) for one in values["columns"])
        values["started"] = decoded(values["started"])
        values["lower"] = decoded(values["lower"])
        values["cursor"] = cursor_from_json(values["cursor"])
        return cls(**values)

    def appending(self) -> Package:
        """Return it with all its rows just added."""
        return replace(self, strategy="append", whole=True, lower=None)


def cursor_to_json(cursor: Cursor | None) -> str | None:
    """Return a cursor as text."""
    if cursor is None:
        return None
    return json.dumps({"value": encoded(cursor.value), "seen": list(cursor.seen)})


def cursor_from_json(text: str | None) -> Cursor | None:
    """Return what `cursor_to_json` gave."""
    if text is None:
        return None
    values = json.loads(text)
    return Cursor(decoded(values["value"]), tuple(values["seen"]))


def encoded(value: Any) -> Mapping[str, str] | None:
    """Return a watermark as JSON that keeps its kind."""
    if value is None:
        return None
    for kind, (of, to_text, _) in _KINDS.items():
        if type(value) is of:
            return {kind: to_text(value)}
    raise TypeError(f"{type(value).__name__} is no kind of watermark")


def decoded(value: Mapping[str, str] | None) -> Any:
    """Return what `encoded` gave."""
    if value is None:
        return None
    ((kind, text),) = value.items()
    return _KINDS[kind][2](text)


_KINDS: dict[str, tuple[type, Any, Any]] = {
    "timestamp": (datetime, datetime.isoformat, datetime.fromisoformat),
    "date": (date, date.isoformat, date.fromisoformat),
    "integer": (int, str, int),
    "decimal": (Decimal, str, Decimal),
    "double": (float, repr, float),
    "string": (str, str, str),
}
