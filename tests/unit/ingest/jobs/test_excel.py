"""Jobs from a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from lakestead.core.errors import ConfigError
from lakestead.ingest import ConfigLoader, Job
from lakestead.ingest.jobs.excel import read_jobs

HEADER = ("source_type", "source_name", "table_name", "load_type", "watermark_column", "last_watermark")


def workbook(folder: Path, *rows: Sequence[Any], sheet: str = "SourceConfig") -> Path:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    path = folder / "ingestion_config.xlsx"
    book.save(path)
    return path


def jobs(path: Path) -> list[Job]:
    return ConfigLoader(path, path.parent / "none.toml", {}).load_jobs()


def found(path: Path) -> list[str]:
    return [str(finding) for finding in read_jobs(path).findings]


def test_rows_are_jobs(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        (
            " Source Type ",
            "source-name",
            "TABLE_NAME",
            "Load Type",
            "Primary  Key",
            "Chunk_Size",
            None,
            "Enabled",
        ),
        ("postgres", "erp", "orders", "full", "id, line", 50_000.0, None, "Y"),
        (None, "  ", None),
        ("mysql", "shop", 2024.0, None, None, None, None, False),
    )
    orders, numbered = jobs(path)
    assert orders.primary_key == ("id", "line")
    assert orders.chunk_size == 50_000
    assert orders.enabled
    assert numbered.table_name == "2024"
    assert not numbered.enabled
    assert numbered.load_type == "FULL"


def test_excels_dates_are_watermarks(tmp_path: Path) -> None:
    first = ("postgres", "erp", "a", "INCREMENTAL", "at", datetime.fromisoformat("2024-05-01 12:30"))
    second = ("postgres", "erp", "b", "INCREMENTAL", "at", date(2024, 5, 1))
    third = ("postgres", "erp", "c", "INCREMENTAL", "id", 17.0)
    watermarks = [job.last_watermark for job in jobs(workbook(tmp_path, HEADER, first, second, third))]
    assert watermarks == [
        datetime.fromisoformat("2024-05-01 12:30"),
        datetime.fromisoformat("2024-05-01"),
        17,
    ]


def test_every_mistake_of_all_rows_with_its_cell_and_its_remedy(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        ("source_type", "source_name", "tabel_name", "table_name", "load_type", "chunk_size"),
        ("postgres", "erp", None, "orders", "INCREMENTALL", "many"),
        ("postgres", None, None, "customers", None, None),
        (),
        ("postgres", "erp", None, "items", "INCREMENTAL", None),
    )
    where = "ingestion_config.xlsx SourceConfig!"
    assert found(path) == [
        f"{where}C1: unknown column 'tabel_name'; did you mean 'table_name'?",
        f"{where}E2: load_type 'INCREMENTALL': must be FULL or INCREMENTAL; did you mean 'INCREMENTAL'?",
        f"{where}F2: chunk_size 'many': should be a valid integer, unable to parse string as an integer",
        f"{where}B3: source_name: is missing",
        f"{where}A5: watermark_column: is needed for load_type INCREMENTAL",
    ]
    with pytest.raises(ConfigError) as raised:
        jobs(path)
    assert str(raised.value).splitlines() == found(path)


def test_mistakes_in_jobs_that_are_not_enabled_do_not_stop_the_others(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        (*HEADER, "enabled"),
        ("postgres", "erp", "a", "FULL", None, None, "Y"),
        ("postgres", "erp", "b", "HALF", None, None, "N"),
    )
    assert [job.table_name for job in jobs(path)] == ["a"]
    (finding,) = read_jobs(path).findings
    assert not finding.fatal
    assert finding.place.endswith("!D3")


def test_columns_beyond_z_are_found(tmp_path: Path) -> None:
    header = ["source_type", "source_name", "table_name", *[None] * 25, "load_type"]
    path = workbook(tmp_path, header, ["postgres", "erp", "a", *[None] * 25, "half"])
    assert found(path)[0].startswith("ingestion_config.xlsx SourceConfig!AC2: load_type 'half'")


def test_a_column_that_is_there_twice(tmp_path: Path) -> None:
    path = workbook(tmp_path, (*HEADER[:3], "Table Name"), ("postgres", "erp", "a", "b"))
    assert found(path) == [
        "ingestion_config.xlsx SourceConfig!D1: the column 'Table Name' is there twice; remove one"
    ]


def test_formulas_need_their_values(tmp_path: Path) -> None:
    path = workbook(
        tmp_path, HEADER, ("postgres", "erp", '="ord"&"ers"', "FULL"), ("postgres", "erp", "#REF!")
    )
    formula, error, *_ = found(path)
    assert "SourceConfig!C2: the value of the formula" in formula
    assert "SourceConfig!C3: the value is the error #REF!" in error


@pytest.mark.parametrize(
    ("rows", "sheet", "message"),
    [
        ([HEADER], "SourceConfg", "has no sheet 'SourceConfig'; rename 'SourceConfg' to it"),
        ([HEADER], "x", "has no sheet 'SourceConfig'; it has: x"),
        ([], "SourceConfig", "is empty"),
    ],
)
def test_a_workbook_that_is_none_of_ours(tmp_path: Path, rows: list[Any], sheet: str, message: str) -> None:
    with pytest.raises(ConfigError, match="ingestion_config") as raised:
        read_jobs(workbook(tmp_path, *rows, sheet=sheet))
    assert message in str(raised.value)


def test_a_sheet_without_jobs(tmp_path: Path) -> None:
    assert "has no jobs" in found(workbook(tmp_path, HEADER))[0]


def test_what_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "ingestion_config.xlsx"
    path.write_text("source_type,source_name\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be read as a workbook"):
        read_jobs(path)
