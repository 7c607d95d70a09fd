from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from lakestead.ingest.loading.package import (
    Package,
    StagedColumn,
    cursor_from_json,
    cursor_to_json,
)
from lakestead.ingest.sources.source import Cursor

VALUES = [
    None,
    datetime(2024, 1, 2, 3, 4, 5, 678901),  # noqa: DTZ001 - a timestamp without zone
    datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
    datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))),
    date(2024, 1, 2),
    2**70,
    Decimal("1.50"),
    0.1,
    'it\'s "a" name\n',
]


@pytest.mark.parametrize("value", VALUES)
def test_a_package_is_the_same_after_it_was_written(value: Any) -> None:
    package = Package(
        "20240101T000000Z-ab",
        ("00000.parquet",),
        (StagedColumn("A b", "A_b", "DECIMAL(10,2)", "what's this"), StagedColumn("c", "c", "ARRAY<INT>")),
        ("A_b",),
        "merge",
        datetime(2024, 1, 1, tzinfo=UTC),
        7,
        99,
        whole=False,
        watermark_column="c",
        lower=value,
        cursor=None if value is None else Cursor(value, ("x", "y")),
        rejects=("00000.parquet",),
    )

    again = Package.from_json(package.to_json())

    assert again == package
    assert type(again.lower) is type(value)


def test_no_cursor_is_no_cursor() -> None:
    assert cursor_to_json(None) is None
    assert cursor_from_json(None) is None


def test_what_is_no_watermark_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes is no kind of watermark"):
        cursor_to_json(Cursor(b"x", ()))
