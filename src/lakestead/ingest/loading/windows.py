"""Which rows of a source are read, by what was read before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from lakestead.core.datatypes import DATE, LONG, STRING, TIMESTAMP, TIMESTAMP_NTZ, DataType
from lakestead.core.datatypes import Decimal as DecimalType
from lakestead.core.errors import ConfigError
from lakestead.ingest.jobs import Job
from lakestead.ingest.sources.source import Column, Cursor, Shape, Staged, Window

FILE_COLUMNS = {"modified": "_file_modified", "name": "_file_name", "folder_date": "_folder_date"}


@dataclass(frozen=True, slots=True)
class Backfill:
    """A part of the past to load again; the job's own progress stays as it is.

    Attributes:
        start: the first watermark wanted, as it is written; None for no bound.
        end: the first watermark not wanted.
    """

    start: str | None = None
    end: str | None = None


def window(job: Job, shape: Shape | None, cursor: Cursor | None, backfill: Backfill | None) -> Window | None:
    """Return the window that a job reads; None for all rows.

    A window starts at the last watermark itself, because rows with just that may have come since, less the
    lag. What it gives again is not loaded again.

    Args:
        job: the job.
        shape: of its source; None while that is not known: then bounds are of the type that they look like.
        cursor: how far it has come.
        backfill: a part of the past to read instead.

    Raises:
        ConfigError: when a value of the job is none of the watermark column's type, or the job loads all rows
            and is to load a part.
    """
    if job.load_type == "FULL":
        if backfill is not None:
            # The rows outside of the window would be taken for gone.
            raise ConfigError(
                f"job '{job.name}' loads all rows each time: only INCREMENTAL jobs have backfills"
            )
        return None
    if job.incremental_by is not None:
        return _of_files(job, cursor, backfill)
    if job.watermark_column is None:
        raise ConfigError(f"job '{job.name}': an INCREMENTAL load needs a watermark_column")
    name: str = job.watermark_column
    kind: DataType | None = None
    if shape is not None:
        column = _watermark_column(job, shape)
        name, kind = column.name, column.type
    if backfill is not None:
        return Window(name, typed(backfill.start, kind, "--from"), typed(backfill.end, kind, "--to"))
    end = typed(job.end_value, kind, f"job '{job.name}': end_value")
    if cursor is None:
        start = typed(job.last_watermark, kind, f"job '{job.name}': last_watermark")
        return Window(name, start, end)
    return Window(name, less(cursor.value, job.lag), end)


def _of_files(job: Job, cursor: Cursor | None, backfill: Backfill | None) -> Window:
    assert job.incremental_by is not None
    column = FILE_COLUMNS[job.incremental_by]
    kind = {"modified": TIMESTAMP, "name": STRING, "folder_date": DATE}[job.incremental_by]
    if backfill is not None:
        return Window(column, typed(backfill.start, kind, "--from"), typed(backfill.end, kind, "--to"))
    end = typed(job.end_value, kind, f"job '{job.name}': end_value")
    if cursor is None:
        start = typed(job.last_watermark, kind, f"job '{job.name}': last_watermark")
        return Window(column, start, end, lag=job.lag)
    return Window(column, less(cursor.value, job.lag), end, cursor.seen, job.lag)


def _watermark_column(job: Job, shape: Shape) -> Column:
    """Return a job's watermark column, as the source names it.

    Raises:
        ConfigError: when the source has no such column.
    """
    for column in shape.columns:
        if column.name.lower() == str(job.watermark_column).lower():
            return column
    names = ", ".join(column.name for column in shape.columns)
    raise ConfigError(
        f"job '{job.name}': there is no watermark_column '{job.watermark_column}' among {names}"
    )


def typed(value: Any, kind: DataType | None, where: str) -> Any:
    """Return a watermark as it is written in its column's type; if that is not known, as it looks.

    Raises:
        ConfigError: when it is none.
    """
    if value is None:
        return None
    try:
        return _looked(value) if kind is None else _typed(value, kind)
    except (ValueError, InvalidOperation, TypeError):
        raise ConfigError(f"{where}: '{value}' is no {kind.sql if kind else 'watermark'}") from None


def _typed(value: Any, kind: DataType) -> Any:
    if kind in (TIMESTAMP, TIMESTAMP_NTZ):
        moment = value if isinstance(value, datetime) else _moment(value)
        if kind == TIMESTAMP:
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    if kind == DATE:
        if isinstance(value, datetime):
            return value.date()
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    if kind == STRING:
        return str(value)
    number = Decimal(str(value))
    if isinstance(kind, DecimalType) or number != int(number):
        return number
    return int(number)


def _looked(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    for kind in (LONG, DATE, TIMESTAMP):
        try:
            return _typed(value, kind)
        except (ValueError, InvalidOperation):
            continue
    return value


def _moment(value: Any) -> datetime:
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - its column says the zone
    return datetime.fromisoformat(str(value))


def less(value: Any, lag: timedelta | int | Decimal | None) -> Any:
    """Return a watermark less a lag; a text has none.

    Raises:
        ConfigError: when the lag is of another kind.
    """
    if lag is None:
        return value
    if isinstance(value, str):
        return value
    if isinstance(value, datetime | date) != isinstance(lag, timedelta):
        raise ConfigError(
            f"the lag {lag} cannot be taken from the watermark {value}: use '2 days', or a number"
        )
    return value - lag


class Progress:
    """How far files that are extracted one by one have come.

    Args:
        column: the watermark column as the files name it; None if the source itself says how far it is.

    Attributes:
        cursor: the cursor after all files so far; None if there was none.
    """

    def __init__(self, column: str | None) -> None:
        self._column = column
        self.cursor: Cursor | None = None

    def passed(self, staged: Staged) -> None:
        """Look at an extracted file."""
        if staged.cursor is not None:
            self.cursor = staged.cursor
        elif self._column is not None:
            highest = pc.max(pq.read_table(staged.path, columns=[self._column]).column(0)).as_py()
            if highest is not None and (self.cursor is None or highest > self.cursor.value):
                self.cursor = Cursor(highest, ())
