"""A table of 16 columns: 10 of numbers, 4 of strings, a timestamp and a boolean."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.random import Generator

DAYS = 30
_PIECE = 1_000_000
_CITIES = 100_000


def written(folder: Path, rows: int) -> list[Path]:
    """Return the table's Parquet files of a million rows each, which are made when they are not there."""
    folder.mkdir(parents=True, exist_ok=True)
    starts = range(0, rows, _PIECE)
    files = [folder / f"{start // _PIECE:04}.parquet" for start in starts]
    for start, file in zip(starts, files, strict=True):
        if not file.exists():
            unfinished = file.with_suffix(".unfinished")
            pq.write_table(piece(start, min(_PIECE, rows - start)), unfinished, row_group_size=250_000)
            unfinished.rename(file)
    return files


def piece(start: int, rows: int) -> pa.Table:
    """Return some of the rows: they come in no order of time."""
    random = np.random.default_rng(start)
    day = random.integers(0, DAYS, rows)
    first = np.datetime64("2026-01-01", "us")
    within = random.integers(0, 86_400_000_000, rows)
    return pa.table(
        {
            **_numbers(random, rows, day),
            "city": _chosen(random, rows, [f"city {number:06}" for number in range(_CITIES)]),
            "product": _chosen(random, rows, [f"product {number}" for number in range(1000)]),
            "country": _chosen(random, rows, [f"C{number:02}" for number in range(50)]),
            "channel": _chosen(random, rows, ["web", "shop", "phone", "agent"]),
            "sold_at": pa.array(first + day * np.timedelta64(1, "D") + within, pa.timestamp("us", "UTC")),
            "paid": random.random(rows) < 0.8,
        }
    )


def _numbers(random: Generator, rows: int, day: np.ndarray) -> dict[str, pa.Array]:
    prices = np.round(random.lognormal(3, 1, rows), 2)
    return {
        "id": pa.array(random.integers(0, 1 << 40, rows)),
        "customer": pa.array(random.integers(0, 1_000_000, rows)),
        "quantity": pa.array(random.poisson(3, rows).astype(np.int32)),
        "price": pa.array(prices),
        "discount": pa.array(np.round(random.beta(2, 8, rows), 2), mask=random.random(rows) < 0.1),
        "weight": pa.array(random.gamma(2, 3, rows)),
        "score": pa.array(random.normal(day * 0.02, 1, rows)),
        "delay": pa.array(random.exponential(10, rows).astype(np.float32)),
        "tax": pa.array(np.round(prices * 0.19, 2)),
        "stock": pa.array(random.integers(-50, 5000, rows).astype(np.int32)),
    }


def _chosen(random: Generator, rows: int, values: list[str]) -> pa.Array:
    # Some values are frequent, many are rare.
    codes = (len(values) * random.random(rows) ** 2).astype(np.int32)
    return pa.DictionaryArray.from_arrays(codes, pa.array(values)).cast(pa.string())
