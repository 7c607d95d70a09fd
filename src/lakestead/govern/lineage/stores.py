"""Where tracked lineage is kept: in memory, in a file, or in a table."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from lakestead.client import Warehouse
from lakestead.core.errors import ConfigError, SourceError
from lakestead.core.names import InvalidName, quote_name, split_name
from lakestead.govern.lineage.event import LineageMetrics, from_values

TABLE = "_lakestead_lineage"


class LineageStore(Protocol):
    """Keeps events. Many threads add at once."""

    def add(self, event: LineageMetrics) -> None:
        """Keep an event; it is kept when this returns."""

    def events(self) -> Iterator[LineageMetrics]:
        """Yield all events that are kept, in no order."""


class MemoryStore:
    """Keeps events as long as the program runs."""

    def __init__(self) -> None:
        self._events: list[LineageMetrics] = []

    def add(self, event: LineageMetrics) -> None:
        self._events.append(event)

    def events(self) -> Iterator[LineageMetrics]:
        yield from tuple(self._events)


class FileStore:
    """Keeps events in a file, each as a line of JSON.

    Args:
        path: the file; made with its first event.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def add(self, event: LineageMetrics) -> None:
        # One write of a whole line to a file that is only appended to: other processes may do the same.
        with self._lock, self._path.open("ab", buffering=0) as file:
            file.write((event.json() + "\n").encode())

    def events(self) -> Iterator[LineageMetrics]:
        """Yield the events.

        Raises:
            SourceError: when a line is no event; says which.
        """
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                yield _read(line, f"{self._path}:{number}")


class TableStore:
    """Keeps events in a table `_lakestead_lineage` of a workspace, made with its first event.

    Args:
        warehouse: writes and reads it.
        schema: where the table is, `catalog.schema`.

    Raises:
        ConfigError: when that is no name of a schema.
    """

    def __init__(self, warehouse: Warehouse, schema: str) -> None:
        self._warehouse = warehouse
        self._name = quote_name(*schema_name(schema), TABLE)
        self._lock = threading.Lock()
        self._made = False

    def add(self, event: LineageMetrics) -> None:
        self._make()
        # A statement whose answer is lost is sent again: the event is there once all the same.
        self._warehouse.repeat(
            f"MERGE INTO {self._name} AS kept USING (SELECT :id AS event_id, :time AS event_time,"
            " :source AS source, :target AS target, :event AS event) AS new"
            " ON kept.event_id = new.event_id WHEN NOT MATCHED THEN INSERT *",
            id=event.event_id,
            time=event.event_time,
            source=event.source,
            target=event.target,
            event=event.json(),
        ).close()

    def events(self) -> Iterator[LineageMetrics]:
        self._make()
        for batch in self._warehouse.batches(f"SELECT event FROM {self._name}"):
            for text in batch["event"].to_pylist():
                yield _read(text, self._name)

    def _make(self) -> None:
        with self._lock:
            if not self._made:
                self._warehouse.repeat(
                    f"CREATE TABLE IF NOT EXISTS {self._name} (event_id STRING NOT NULL,"
                    " event_time TIMESTAMP NOT NULL, source STRING NOT NULL, target STRING,"
                    " event STRING NOT NULL COMMENT 'JSON')"
                    " COMMENT 'Lineage that programs told of themselves'"
                ).close()
                self._made = True


def schema_name(text: str) -> tuple[str, str]:
    """Return the catalog and the schema of `catalog.schema`.

    Raises:
        ConfigError: when it is something else.
    """
    try:
        catalog, schema = split_name(text)
    except (InvalidName, ValueError):
        raise ConfigError(f"'{text}' is no schema: give catalog.schema") from None
    return catalog, schema


def _read(text: str, where: str) -> LineageMetrics:
    try:
        return from_values(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{where} holds what is no piece of lineage: {error}") from error
