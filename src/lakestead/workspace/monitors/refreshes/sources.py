"""Where the profiler gets the values from: the table's own files, or rows that the engine gave."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from lakestead.core.names import quote
from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind
from lakestead.engine.delta.log import local_path
from lakestead.engine.delta.table import state_of
from lakestead.engine.profiles import DataFile, Definition, ParquetSource, Slice, Source, Window
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.monitors.refreshes.definition import definition_of
from lakestead.workspace.monitors.refreshes.expressions import column_named, enclosed
from lakestead.workspace.monitors.refreshes.relation import Relation
from lakestead.workspace.monitors.spec import MonitorSpec
from lakestead.workspace.sql.statement import Client, Statement
from lakestead.workspace.statements.asking import Answer

if TYPE_CHECKING:
    from lakestead.workspace.app import Workspace

# No column of a Delta table has a space in its name.
_TIME = "time of the row"
_SLICE = "slice {}"
# More spans of time than this are not told apart in a condition.
_MAX_SPANS = 50
# Features with which a table's files do not simply hold its rows under its columns' names.
_INDIRECT = {"deletionVectors", "columnMapping"}
_PRECISION = timedelta(milliseconds=1)
_WATCH_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Reading:
    """What of a table is profiled, and how its rows are grouped.

    Attributes:
        relation: the table.
        time: the SQL expression of a row's instant; None when there are no windows.
        slices: the SQL expressions of the slices, by their keys.
        computed: expressions that are not columns, by the names that they get in the source.
        definition: as the profiler takes it.
    """

    relation: Relation
    time: str | None
    slices: Mapping[str, str]
    computed: Mapping[str, str]
    definition: Definition


def reading_of(monitor: MonitorSpec, relation: Relation, *, windows: bool) -> Reading:
    """Return how a monitor reads a table.

    Args:
        monitor: the monitor.
        relation: its table, or the baseline.
        windows: whether rows have a time.

    Raises:
        ApiError: the table has no such column (any more); an expression is none.
    """
    named = {
        "prediction_column": monitor.prediction_column,
        "label_column": monitor.label_column,
        "model_id_column": monitor.model_id_column,
    }
    for setting, name in named.items():
        if name is not None:
            relation.column(name, setting)
    computed: dict[str, str] = {}
    slices = {}
    places = []
    for number, text in enumerate(monitor.slicing_exprs):
        column = column_named(text, tuple(relation.columns))
        if column is None:
            column = _SLICE.format(number)
            computed[column] = slices[text] = enclosed(text, "slicing_exprs")
        else:
            slices[text] = quote(column)
        places.append(Slice(text, column))
    time = timestamp = None
    if windows and monitor.timestamp_column is not None:
        timestamp = relation.column(monitor.timestamp_column, "timestamp_column")
        time = quote(timestamp)
        if not relation.columns[timestamp].lower().startswith(("timestamp", "date")):
            timestamp, time = _TIME, f"CAST({time} AS TIMESTAMP)"
            computed[_TIME] = time
    definition = definition_of(monitor, places, tuple(relation.columns), timestamp)
    return Reading(relation, time, slices, computed, definition)


def condition(time: str, windows: Collection[Window]) -> str:
    """Return the SQL condition for the instants in some windows, or between them when they are many."""
    spans: list[tuple[datetime, datetime]] = []
    for window in sorted(windows):
        if spans and window.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], window.end))
        else:
            spans.append((window.start, window.end))
    if len(spans) > _MAX_SPANS:
        spans = [(spans[0][0], spans[-1][1])]
    return " OR ".join(f"({time} >= {_instant(start)} AND {time} < {_instant(end)})" for start, end in spans)


def _instant(at: datetime) -> str:
    return f"TIMESTAMP '{at:%Y-%m-%d %H:%M:%S+00:00}'"


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
        if table is not None and not reading.computed and _direct(table):
            try:
                return _files(table, reading.definition.timestamp, windows)
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
        path = self.folder / f"{len(list(self.folder.iterdir()))}.parquet"
        with self.ask(text) as answer:
            rows = 0
            with pq.ParquetWriter(path, answer.schema, compression="snappy") as writer:
                for batch in answer.batches:
                    self.check()
                    rows += batch.num_rows
                    writer.write_batch(batch)
            return ParquetSource((DataFile(path, rows),), answer.schema)


def _direct(table: DeltaTable) -> bool:
    """Return whether a table's files are here, and hold its rows as they are."""
    features = set(table.protocol().reader_features or ())
    mapped = table.metadata().configuration.get("delta.columnMapping.mode", "none") != "none"
    return is_local(table) and not mapped and not features & _INDIRECT


def is_local(table: DeltaTable) -> bool:
    """Return whether a table's files are on this machine."""
    return urlparse(table.table_uri).scheme in ("", "file")


def _files(table: DeltaTable, timestamp: str | None, windows: Collection[Window] | None) -> Source:
    """Return the files of a table that may have rows in some windows."""
    schema = state_of(table, table.table_uri).schema
    folder = local_path(table.table_uri)
    files = []
    for action in active_files(table):
        if windows is None or timestamp is None or _overlaps(action, timestamp, windows):
            path = folder / unquote(action["path"])
            rows = action.get("num_records")
            if rows is None:
                rows = pq.read_metadata(path).num_rows
            files.append(DataFile(path, rows, action.get("partition") or {}))
    return ParquetSource(tuple(files), schema)


def active_files(table: DeltaTable) -> Iterator[dict[str, Any]]:
    """Yield the log's entries for the files of a table, as delta-rs gives them."""
    yield from pa.table(table.get_add_actions()).to_pylist()


def bounds(action: Mapping[str, Any], column: str) -> tuple[datetime, datetime] | None:
    """Return the first and the last instant in a file by the log; None if that does not say.

    The last may be a millisecond too late: statistics have no more digits.
    """
    partition = action.get("partition") or {}
    if column in partition:
        first = last = partition[column]
    else:
        first, last = ((action.get(end) or {}).get(column) for end in ("min", "max"))
    return None if first is None or last is None else (_utc(first), _utc(last) + _PRECISION)


def _overlaps(action: Mapping[str, Any], column: str, windows: Collection[Window]) -> bool:
    known = bounds(action, column)
    return known is None or any(known[0] < one.end and known[1] >= one.start for one in windows)


def _utc(value: date | datetime) -> datetime:
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
