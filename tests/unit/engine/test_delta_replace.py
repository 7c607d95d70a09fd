"""Rows take the place of others in one commit; files that have none of those stay."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from deltalake import DeltaTable, write_deltalake

from lakestead.engine.delta import Commit, DeltaError, DeltaErrorKind
from lakestead.engine.delta.replace import replace

_COMMIT = Commit("WRITE", user="me")


def _equal(value: int) -> object:
    return lambda rows: pc.equal(rows.column("k"), value)


def _rows(location: str) -> list[dict[str, object]]:
    table = DeltaTable(location).to_pyarrow_table().to_pylist()
    return sorted(table, key=lambda row: (row["k"], str(row["v"])))


@pytest.fixture
def location(tmp_path: Path) -> str:
    """A table of two files."""
    for k in (1, 2):
        write_deltalake(
            tmp_path / "t", pa.table({"k": [k, k, 9], "v": [f"a{k}", f"b{k}", f"c{k}"]}), mode="append"
        )
    return str(tmp_path / "t")


def test_replace(location: str) -> None:
    kept = set(DeltaTable(location).file_uris())
    new = pa.table({"k": pa.array([1], pa.int64()), "v": ["new"], "more": [1.5]})
    written = replace(location, new, ("k",), _equal(1), _COMMIT)
    assert (written.version, written.rows, written.removed_files) == (2, 1, 1)
    assert len(kept & set(DeltaTable(location).file_uris())) == 1
    assert _rows(location) == [
        {"k": 1, "v": "new", "more": 1.5},
        {"k": 2, "v": "a2", "more": None},
        {"k": 2, "v": "b2", "more": None},
        {"k": 9, "v": "c1", "more": None},
        {"k": 9, "v": "c2", "more": None},
    ]
    # A column that the oldest files have not is looked at as well; what says null stays.
    replace(location, new.slice(0, 0), ("more",), lambda rows: pc.greater(rows.column("more"), 1), _COMMIT)
    assert [row["k"] for row in _rows(location)] == [2, 2, 9, 9]


def test_many_small_files_become_one(tmp_path: Path) -> None:
    location = str(tmp_path / "t")
    write_deltalake(location, pa.table({"k": [0]}))
    for k in range(1, 20):
        replace(location, pa.table({"k": [k]}), ("k",), _equal(-1), _COMMIT)
    table = DeltaTable(location)
    assert len(table.file_uris()) < 18
    assert sorted(table.to_pyarrow_table().column("k").to_pylist()) == list(range(20))


def test_refused(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "t", pa.table({"k": [1], "v": ["a"]}), partition_by=["k"])
    with pytest.raises(DeltaError) as refused:
        replace(str(tmp_path / "t"), pa.table({"k": [1]}), ("k",), _equal(1), _COMMIT)
    assert refused.value.kind is DeltaErrorKind.UNSUPPORTED
    with pytest.raises(DeltaError) as missing:
        replace(str(tmp_path / "none"), pa.table({"k": [1]}), ("k",), _equal(1), _COMMIT)
    assert missing.value.kind is DeltaErrorKind.NOT_FOUND
