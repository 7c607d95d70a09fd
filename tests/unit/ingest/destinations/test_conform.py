"""Extracted files are taken as they are where they can be, and written anew where not."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakestead.core.errors import SourceError
from lakestead.ingest.destinations.filesystem.columns import Kept
from lakestead.ingest.destinations.filesystem.conform import conformed, without
from lakestead.ingest.loading.package import StagedColumn


def kept(**columns: str) -> list[Kept]:
    return [Kept(name, StagedColumn(name, name, kind)) for name, kind in columns.items()]


def written(path: Path, **columns: pa.Array) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_a_file_that_has_the_columns_is_taken_as_it_is(tmp_path: Path) -> None:
    lists = pa.array([["x"]], pa.list_(pa.field("element", pa.string())))
    file = written(tmp_path / "a.parquet", a=pa.array([1], pa.int32()), b=lists)
    assert conformed(file, kept(a="INT", b="ARRAY<STRING>"), tmp_path / "b.parquet") == file
    assert not (tmp_path / "b.parquet").exists()


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (pa.array([1], pa.int32()), "BIGINT", 1),
        (pa.array([Decimal("1.5")], pa.decimal128(4, 1)), "DECIMAL(10,3)", Decimal("1.500")),
        (pa.array([7], pa.int16()), "DECIMAL(12,2)", Decimal("7.00")),
        (pa.array(["x"]).dictionary_encode(), "STRING", "x"),
        (pa.array(["x"], pa.large_string()), "STRING", "x"),
    ],
)
def test_other_types_are_cast(tmp_path: Path, values: pa.Array, kind: str, expected: object) -> None:
    file = written(tmp_path / "a.parquet", a=values)
    made = conformed(file, kept(a=kind), tmp_path / "b.parquet")
    assert made != file
    assert pq.read_table(made).column("a").to_pylist() == [expected]


def test_columns_are_renamed_left_out_and_put_in_order(tmp_path: Path) -> None:
    file = written(tmp_path / "a.parquet", **{"a.b": pa.array([1]), "c": pa.array([2]), "d e": pa.array([3])})
    columns = [Kept(name, StagedColumn(to, to, "BIGINT")) for name, to in (("d e", "d_e"), ("a.b", "a.b"))]
    made = pq.read_table(conformed(file, columns, tmp_path / "b.parquet"))
    assert made.to_pydict() == {"d_e": [3], "a.b": [1]}


def test_a_value_that_does_not_fit_is_an_error_that_names_the_column(tmp_path: Path) -> None:
    nanoseconds = pa.array([1], pa.timestamp("ns", "UTC"))
    file = written(tmp_path / "a.parquet", a=nanoseconds)
    with pytest.raises(SourceError, match="column 'a' has a value that is no TIMESTAMP"):
        conformed(file, kept(a="TIMESTAMP"), tmp_path / "b.parquet")


def test_rows_are_left_out_by_their_numbers(tmp_path: Path) -> None:
    count = 150_000
    file = written(tmp_path / "a.parquet", a=pa.array(range(count)))
    dropped = [0, 65_536, 149_999]
    made = without(file, pa.array(dropped, pa.int64()), tmp_path / "b.parquet")
    assert pq.read_table(made).column("a").to_pylist() == [n for n in range(count) if n not in dropped]
