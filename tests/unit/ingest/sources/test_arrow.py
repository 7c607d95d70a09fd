"""Arrow batches become Parquet files; values are never changed on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakestead.core.datatypes import parse_type
from lakestead.core.errors import SourceError
from lakestead.ingest.sources import Column, Staged
from lakestead.ingest.sources.arrow import Batches, fitted, written
from lakestead.ingest.sources.column import Reading


def as_read(kind: str) -> Reading:
    return Reading(Column("c", parse_type(kind)), kind, "c")


def stream(*values: int, then: Exception | None = None) -> Callable[[], Batches]:
    def batches() -> Iterator[pa.RecordBatch]:
        for value in values:
            yield pa.RecordBatch.from_pydict({"c": [value]})
        if then:
            raise then

    return batches


def test_streams_are_written_in_row_groups(tmp_path: Path) -> None:
    streams = [stream(*range(5)), stream(*range(5, 8)), stream()]
    staged = list(written(streams, [as_read("bigint")], tmp_path, 2))
    values = [value for one in staged for value in pq.read_table(one.path)["c"].to_pylist()]
    assert sorted(values) == list(range(8))
    assert sorted(one.rows for one in staged) == [3, 5]
    assert max(pq.ParquetFile(one.path).num_row_groups for one in staged) == 3


@pytest.mark.parametrize("others", [0, 1])
def test_a_stream_that_fails_leaves_no_file(tmp_path: Path, others: int) -> None:
    streams = [stream(1, 2, then=OSError("gone")), *[stream(3)] * others]
    staged = written(streams, [as_read("bigint")], tmp_path, 1)
    yielded: list[Staged] = []
    with pytest.raises(OSError, match="gone"):
        take_all(staged, yielded)
    assert sorted(tmp_path.iterdir()) == sorted(one.path for one in yielded)


def take_all(staged: Iterator[Staged], into: list[Staged]) -> None:
    for one in staged:
        into.append(one)  # one by one, so that those before an error are there


def test_a_caller_may_stop(tmp_path: Path) -> None:
    before = threading.active_count()
    staged = written([stream(1), stream(2), stream(3)], [as_read("bigint")], tmp_path, 1)
    next(staged)
    staged.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


KEPT = [
    (pa.array(["1.50", None]), "decimal(10,2)", [Decimal("1.50"), None]),
    (pa.array([1.5]), "decimal(10,2)", [Decimal("1.50")]),
    (pa.array([Decimal("5")]), "int", [5]),
    (pa.array([5]), "string", ["5"]),
    (pa.array(["x"], pa.large_string()), "string", ["x"]),
]


@pytest.mark.parametrize(("array", "kind", "values"), KEPT)
def test_a_value_that_fits_is_kept(array: pa.Array, kind: str, values: list[object]) -> None:
    assert fitted(array, as_read(kind)).to_pylist() == values


LOST = [
    (pa.array(["1.505"]), "decimal(10,2)"),
    (pa.array([1.505]), "decimal(10,2)"),
    (pa.array([1.5]), "int"),
    (pa.array([2**31]), "int"),
    (pa.array(["x"]), "int"),
    (pa.array([1], pa.timestamp("ns")), "timestamp_ntz"),
]


@pytest.mark.parametrize(("array", "kind"), LOST)
def test_a_value_that_would_be_changed_is_refused(array: pa.Array, kind: str) -> None:
    with pytest.raises(SourceError, match=r"column 'c' cannot be taken as .*types: \{c: string\}"):
        fitted(array, as_read(kind))
