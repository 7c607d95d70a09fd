"""Sheets of Excel workbooks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lakestead.core.datatypes import DataType
from lakestead.core.errors import MissingExtra, SourceError
from lakestead.ingest.sources.reading.ladder import widest_text

from .options import ExcelOptions
from .parquet import Parquet


class Excel(Parquet):
    """Sheets, whose cells become Parquet before they are read: a workbook is in memory while that happens."""

    def __init__(self, options: ExcelOptions) -> None:
        self._options = options

    @property
    def prepare(self) -> Callable[[Path, Path], Path] | None:
        return self._made

    def widest(self, one: DataType, other: DataType) -> DataType:
        return widest_text(one, other)

    def _made(self, path: Path, target: Path) -> Path:
        rows = self._rows(path)
        options = self._options
        header = rows.pop(0) if rows and options.header else []
        width = max(map(len, rows), default=len(header))
        names = [str(name).strip() for name in header[:width]] + [""] * (width - len(header))
        names = [name or f"column{number}" for number, name in enumerate(names)]
        if len({name.lower() for name in names}) < len(names):
            raise SourceError(f"{path.name}: two columns of the sheet have the same name")
        columns = [
            _column([row[place] if place < len(row) else None for row in rows]) for place in range(width)
        ]
        target = target.with_name(target.name + ".parquet")
        pq.write_table(pa.table(columns, names=names), target)
        return target

    def _rows(self, path: Path) -> list[list[Any]]:
        try:
            import python_calamine as calamine
        except ImportError:
            raise MissingExtra("Reading Excel files", "ingest") from None
        try:
            book = calamine.CalamineWorkbook.from_path(str(path))
        except calamine.CalamineError as error:
            raise SourceError(f"{path.name} is no readable workbook: {error}") from None
        sheet = _sheet(book, self._options.sheet, path.name)
        return list(islice(sheet.iter_rows(), self._options.skip_rows, None))


def _sheet(book: Any, wanted: str | int, where: str) -> Any:
    if wanted in book.sheet_names:
        return book.get_sheet_by_name(wanted)
    if str(wanted).isdigit() and int(wanted) < len(book.sheet_names):
        return book.get_sheet_by_index(int(wanted))
    raise SourceError(f"{where} has no sheet '{wanted}'; it has: {', '.join(book.sheet_names)}")


def _column(cells: Sequence[Any]) -> pa.Array:
    """Return a column in the type that all its cells have; else their texts."""
    values = [None if cell == "" else cell for cell in cells]
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {float, int} and kinds:
        if all(float(value).is_integer() and abs(value) < 2**53 for value in values if value is not None):
            return pa.array([None if value is None else int(value) for value in values], pa.int64())
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    if kinds == {date, datetime}:
        values = [datetime.combine(v, time()) if type(v) is date else v for v in values]
        kinds = {datetime}
    arrow = {bool: pa.bool_(), date: pa.date32(), datetime: pa.timestamp("us")}
    if len(kinds) == 1 and (kind := kinds.pop()) in arrow:
        return pa.array(values, arrow[kind])
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
