"""Sheets of workbooks as tables."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from lakestead.core.errors import SourceError
from lakestead.ingest.sources.files import Files
from lakestead.ingest.sources.source import Request

NOON = datetime(2025, 1, 31, 12, tzinfo=UTC).replace(tzinfo=None)


def book(path: Path, sheets: dict[str, list[list[Any]]]) -> None:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(path)


def read(folder: Path, scratch: Path, **options: Any) -> tuple[dict[str, str], list[dict[str, Any]]]:
    request = Request(options={"path": "*.xlsx", "format_options": options})
    with closing(Files("books", {"bucket_url": str(folder)})) as source:
        types = {column.name: column.type.ddl for column in source.shape(request).columns}
        tables = [pq.read_table(staged.path) for staged in source.extract(request, scratch)]
    rows = [row for table in tables for row in table.to_pylist()]
    return types, sorted(rows, key=lambda row: str(row))


def test_cells_have_the_types_that_excel_says(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    rows = [
        ["id", "price", "code", "day", "at", "flag", "mixed", None],
        [1, 1.5, "007", date(2025, 1, 31), NOON, True, 1, None],
        [2, 2, "8", date(2025, 2, 1), None, False, "x", None],
    ]
    book(folder / "a.xlsx", {"Orders": rows})
    types, found = read(folder, tmp_path)
    assert types == {
        "id": "bigint",
        "price": "double",
        "code": "string",
        "day": "date",
        "at": "timestamp_ntz",
        "flag": "boolean",
        "mixed": "string",
    }
    assert found[0] == {
        "id": 1,
        "price": 1.5,
        "code": "007",
        "day": date(2025, 1, 31),
        "at": NOON,
        "flag": True,
        "mixed": "1",
    }


def test_a_sheet_by_name_by_number_and_below_a_title(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    book(folder / "a.xlsx", {"Notes": [["x"], [1]], "Orders": [["made in 2025"], ["id"], [7]]})
    assert read(folder, tmp_path)[1] == [{"x": 1}]
    assert read(folder, tmp_path, sheet="Orders", skip_rows=1)[1] == [{"id": 7}]
    assert read(folder, tmp_path, sheet="1", skip_rows=1)[1] == [{"id": 7}]
    assert read(folder, tmp_path, sheet="Orders", skip_rows=2, header=False)[1] == [{"column0": 7}]
    with pytest.raises(SourceError, match=r"no sheet 'Order'; it has: Notes, Orders"):
        read(folder, tmp_path, sheet="Order")


def test_books_of_other_columns_are_one_table(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    book(folder / "a.xlsx", {"S": [["id", "x"], [1, "a"]]})
    book(folder / "b.xlsx", {"S": [["id", "y"], [2.5, 3]]})
    types, rows = read(folder, tmp_path)
    assert types == {"id": "double", "x": "string", "y": "bigint"}
    assert [(row["id"], row["y"]) for row in rows] == [(1.0, None), (2.5, 3)]
    (folder / "c.xlsx").write_bytes(b"no book")
    with pytest.raises(SourceError, match=r"c\.xlsx is no readable workbook"):
        read(folder, tmp_path)
