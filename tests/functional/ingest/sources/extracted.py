"""Runs an extraction to its end, and shows values as databases write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lakestead.ingest.sources import Request, Source


def extracted(source: Source, request: Request, folder: Path) -> pa.Table:
    """Return what an extraction wrote; each file is removed as soon as it was yielded, and none is left."""
    tables = []
    for staged in source.extract(request, folder):
        tables.append(pq.read_table(staged.path))
        assert tables[-1].num_rows == staged.rows > 0
        staged.path.unlink()
    assert list(folder.iterdir()) == []
    if not tables:
        return pa.schema([column_field(column) for column in source.shape(request).columns]).empty_table()
    return pa.concat_tables(tables)


def column_field(column: Any) -> pa.Field:
    return pa.field(column.name, column.type.to_arrow())


def shown(value: Any, zone: str = "+00") -> str:
    """Return a value as PostgreSQL writes it, with `zone` behind a timestamp that has one."""
    simple: dict[type, Callable[[Any], str]] = {
        type(None): lambda _: "∅",
        bool: lambda truth: "t" if truth else "f",
        bytes: lambda content: f"\\x{content.hex()}",
        Decimal: lambda number: format(number, "f"),
        float: lambda number: (
            repr(number).removesuffix(".0").replace("nan", "NaN").replace("inf", "Infinity")
        ),
        date: lambda day: day.isoformat(),
        list: lambda items: "{" + ",".join(shown(item, zone) for item in items).replace("∅", "NULL") + "}",
    }
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        text = moment.strftime("%Y-%m-%d %H:%M:%S.%f").rstrip("0").rstrip(".")
        return f"{text:0>4}" + (zone if value.tzinfo else "")
    return simple.get(type(value), str)(value)
