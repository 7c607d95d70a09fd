from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakestead.core.datatypes import parse_type
from lakestead.core.errors import ConfigError
from lakestead.ingest.jobs import Job
from lakestead.ingest.loading.windows import Backfill, Progress, typed, window
from lakestead.ingest.sources.source import Column, Cursor, Shape, Staged, Window

SHAPE = Shape((Column("id", parse_type("BIGINT")), Column("At", parse_type("TIMESTAMP"))))
NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)


def job(**fields: Any) -> Job:
    given = {"source_type": "postgres", "source_name": "erp", "table_name": "t", **fields}
    return Job.model_validate(given)


def incremental(**fields: Any) -> Job:
    return job(load_type="INCREMENTAL", **{"watermark_column": "at", **fields})


def test_a_full_load_reads_all_rows() -> None:
    assert window(job(), SHAPE, None, None) is None


def test_the_first_load_starts_at_the_initial_value() -> None:
    assert window(incremental(), SHAPE, None, None) == Window("At")
    found = window(
        incremental(last_watermark="2024-01-01", end_value="2024-02-01T00:00:00+01:00"), SHAPE, None, None
    )
    assert found == Window("At", datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 31, 23, tzinfo=UTC))


def test_later_loads_start_at_the_watermark_less_the_lag() -> None:
    cursor = Cursor(NOON, ())

    assert window(incremental(last_watermark="2020-01-01"), SHAPE, cursor, None) == Window("At", NOON)
    assert window(incremental(lag="90 minutes"), SHAPE, cursor, None) == Window(
        "At", NOON - timedelta(minutes=90)
    )
    assert window(incremental(watermark_column="id", lag=10), SHAPE, Cursor(100, ()), None) == Window(
        "id", 90
    )


def test_a_backfill_does_not_look_at_the_watermark() -> None:
    found = window(incremental(), SHAPE, Cursor(NOON, ()), Backfill("2023-01-01", "2023-02-01"))

    assert found == Window("At", datetime(2023, 1, 1, tzinfo=UTC), datetime(2023, 2, 1, tzinfo=UTC))


def test_a_full_load_has_no_backfill() -> None:
    with pytest.raises(ConfigError, match="only INCREMENTAL jobs have backfills"):
        window(job(watermark_column="at"), SHAPE, None, Backfill("2023-01-01"))


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (incremental(last_watermark="soon"), "last_watermark: 'soon' is no TIMESTAMP"),
        (incremental(watermark_column="changed"), "no watermark_column 'changed' among id, At"),
    ],
)
def test_what_is_no_watermark_is_named(made: Job, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        window(made, SHAPE, None, None)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("2024-01-02", "DATE", date(2024, 1, 2)),
        (datetime(2024, 1, 2, 5), "DATE", date(2024, 1, 2)),  # noqa: DTZ001 - a spreadsheet's
        ("7", "BIGINT", 7),
        ("7.5", "DECIMAL(5,2)", Decimal("7.5")),
        (NOON, "TIMESTAMP_NTZ", datetime(2024, 1, 2, 12)),  # noqa: DTZ001 - it has no zone
        (5, "STRING", "5"),
        (None, "INT", None),
    ],
)
def test_a_written_watermark_gets_its_columns_type(value: Any, kind: str, expected: Any) -> None:
    assert typed(value, parse_type(kind), "here") == expected


def test_progress_is_the_greatest_value_of_all_files(tmp_path: Path) -> None:
    progress = Progress("at")
    for number, values in enumerate(([3, 9, None], [None], [4])):
        path = tmp_path / f"{number}.parquet"
        pq.write_table(pa.table({"at": pa.array(values, pa.int64())}), path)
        progress.passed(Staged(path, len(values)))

    assert progress.cursor == Cursor(9, ())
