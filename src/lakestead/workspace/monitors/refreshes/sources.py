"""Where the profiler gets the values from: the table's own files, or rows that the engine gave."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from lakestead.core.names import quote
from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind
from lakestead.engine.profiles import DataFile, ParquetSource, Source, Window
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.monitors.refreshes.files import is_direct, source_of
from lakestead.workspace.monitors.refreshes.reading import Reading, condition
from lakestead.workspace.monitors.spec import MonitorSpec
from lakestead.workspace.sql.statement import Client, Statement
from lakestead.workspace.statements.asking import Answer
from lakestead.workspace.store.base import new_id

if TYPE_CHECKING:
    from lakestead.workspace.app import Workspace

_WATCH_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Sources:
    """Opens what is read.

    Args:
        workspace: where.
        monitor: on whose behalf.
        folder: for rows that the engine gives; removed by the caller.
        cancelled: whether the refresh is to end.
    """

    workspace: Workspace
    monitor: MonitorSpec
    folder: Path
    cancelled: Callable[[], bool]

    def check(self) -> None:
        """Do nothing, unless the refresh is to end.

        Raises:
            ApiError: CANCELLED.
        """
        if self.cancelled():
            raise ApiError(ErrorCode.CANCELLED, "The refresh was cancelled.")

    def open(self, reading: Reading, windows: Collection[Window] | None) -> Source:
        """Return the rows of a table, at least those in some windows.

        Args:
            reading: how it is read.
            windows: None for all rows.

        Raises:
            ApiError: the engine cannot give the rows.
        """
        table = reading.relation.delta
        if table is not None and not reading.computed and is_direct(table):
            try:
                return source_of(table, reading.definition.timestamp, windows)
            except DeltaError as error:
                if error.kind is not DeltaErrorKind.UNSUPPORTED:
                    raise
        return self._spooled(reading, windows)

    @contextmanager
    def ask(self, text: str) -> Iterator[Answer]:
        """Send a statement as the monitor's owner, and end it when the refresh is to end.

        Raises:
            ApiError: why it failed.
        """
        ended = threading.Event()

        def watch(statement: Statement) -> None:
            while not ended.wait(_WATCH_SECONDS):
                if self.cancelled():
                    statement.cancel()

        def submitted(statement: Statement) -> None:
            threading.Thread(target=watch, args=(statement,), name="refresh-watch", daemon=True).start()

        client = Client(application="lakestead-monitors", warehouse_id=self.monitor.warehouse_id)
        asking = self.workspace.asking
        try:
            with asking.answer(self.monitor.owner, text, client=client, submitted=submitted) as answer:
                yield answer
        finally:
            ended.set()

    def _spooled(self, reading: Reading, windows: Collection[Window] | None) -> Source:
        columns = [quote(name) for name in reading.relation.columns]
        columns += [f"{text} AS {quote(name)}" for name, text in reading.computed.items()]
        text = f"SELECT {', '.join(columns)} FROM {reading.relation.text}"
        if windows is not None and reading.time is not None:
            text += f" WHERE {condition(reading.time, windows)}"
        path = self.folder / f"{new_id()}.parquet"
        with self.ask(text) as answer:
            rows = 0
            with pq.ParquetWriter(path, answer.schema, compression="snappy") as writer:
                for batch in answer.batches:
                    self.check()
                    rows += batch.num_rows
                    writer.write_batch(batch)
            return ParquetSource((DataFile(path, rows),), answer.schema)
