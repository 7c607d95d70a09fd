"""Distributions come back from a file as they went in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from lakestead.engine.profiles import Definition, Slice, TableSource, Window, drift, profile, stored

_FIRST = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))
_NEXT = Window(datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC))


def _source(shift: int) -> TableSource:
    columns = {
        "number": pa.array([*range(shift, shift + 50), None], pa.float64()),
        "flag": pa.array([one % 3 == 0 for one in range(shift, 51 + shift)]),
        "text": pa.array([f"t{one % (7 + shift)}" for one in range(51)]),
        "bytes": pa.array([bytes([255, one % 5]) for one in range(51)]),
        "many": pa.array([[one] for one in range(51)]),
        "none": pa.nulls(51, pa.string()),
    }
    return TableSource(pa.table(columns))


def test_drift_is_the_same(tmp_path: Path) -> None:
    definition = Definition(slices=(Slice("text", "text"), Slice("flag", "flag")))
    before = profile(_source(0), definition, windows=[_FIRST]).distributions
    now = profile(_source(3), definition, windows=[_NEXT]).distributions
    # Of more values than there is memory for, the rare ones are counted together.
    shapes = before.shapes[next(iter(before))]
    frequencies = shapes["text"].frequencies
    assert frequencies
    shapes["text"] = replace(shapes["text"], frequencies=replace(frequencies, rest=7), size=58)
    path = tmp_path / "kept.arrow"
    for _ in range(2):
        stored.save(before, path)
    kept = stored.load(path)
    assert kept.types == before.types
    expected = drift(now, None, definition, previous=before)
    assert expected.num_rows > 30
    assert drift(now, None, definition, previous=kept).equals(expected)
    assert [one.name for one in tmp_path.iterdir()] == ["kept.arrow"]
