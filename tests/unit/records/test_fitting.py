"""Records are matched with a table's columns by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from lakestead.core.datatypes import parse_type
from lakestead.core.errors import SourceError
from lakestead.records.fitting import Fitting
from lakestead.records.sources import CHUNK_ROWS
from lakestead.records.target import Target

PEOPLE = Target(
    ("people",), {"id": parse_type("INT"), "Name": parse_type("STRING"), "age": parse_type("INT")}
)
ADA = {"id": 1, "name": "Ada"}


def rows(fitting: Fitting) -> list[dict[str, Any]]:
    return [row for batch in fitting.batches() for row in batch.to_pylist()]


def many(last: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a row more than a chunk has."""
    yield from ({"id": number} for number in range(CHUNK_ROWS))
    yield last


@pytest.mark.parametrize(
    "records",
    [
        [ADA],
        iter([ADA]),
        ({"ID": 1, "NAME": "Ada"},),
        pa.table({"name": ["Ada"], "id": [1]}),
        pa.RecordBatch.from_pylist([ADA]),
        pa.table({"id": [1], "name": ["Ada"]}).to_reader(),
        [pa.RecordBatch.from_pylist([ADA])],
        iter([pa.table({"id": [1], "name": ["Ada"]})]),
        pd.DataFrame([ADA], index=["x"]),
        pl.DataFrame([ADA]),
    ],
    ids=lambda records: type(records).__name__,
)
def test_what_records_can_be(records: Any) -> None:
    fitting = Fitting(records, PEOPLE)
    found = rows(fitting)
    assert [{name: row[name] for name in fitting.given} for row in found] == [{"id": 1, "Name": "Ada"}]
    assert fitting.rows == 1


def test_keys_may_differ_from_row_to_row() -> None:
    fitting = Fitting(many({"id": -1, "age": 7}), PEOPLE)
    assert rows(fitting)[-1] == {"id": -1, "Name": None, "age": 7}
    assert fitting.given == ("id", "age")
    assert not fitting.whole


@pytest.mark.parametrize("records", [[], iter(()), pa.table({"id": pa.array([], pa.int32())})])
def test_no_records(records: Any) -> None:
    assert rows(Fitting(records, PEOPLE)) == []


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([{"nam": 1}], "table people has no column 'nam'; did you mean 'Name'"),
        ([{"zzz": 1}], "it has id, Name, age"),
        (pa.table({"nam": [1]}), "did you mean 'Name'"),
        (many({"nam": 1}), "did you mean 'Name'"),
        ([{"id": 1, "ID": 2}], "'id' and 'ID', which are one column"),
        ([{"id": 1}, ["id"]], "row 1 is a list, not a dict"),
        ([ADA, {1: 2}], "1 names a column, and is a int"),
        (ADA, "put one in a list"),
        ("Ada", "put one in a list"),
        (7, "a int holds no records"),
        (many({"id": "x"}), f"row {CHUNK_ROWS}: column 'id' cannot take this str"),
        (pa.table([[1], [2]], names=["id", "id"]), "several columns of one name"),
    ],
)
def test_what_does_not_fit(records: Any, words: str) -> None:
    with pytest.raises(SourceError) as refused:
        rows(Fitting(records, PEOPLE))
    assert words in str(refused.value)


def test_new_columns_are_found_and_explained() -> None:
    fitting = Fitting([ADA, {"id": 2, "city": "London", "none": None}], PEOPLE, new_columns=True)
    assert {name: kind.sql for name, kind in fitting.new.items()} == {"city": "STRING", "none": "STRING"}
    assert [(one.name, one.type, one.nulls, one.why) for one in fitting.inferred] == [
        ("city", "STRING", 1, "values of str in the first 2 rows"),
        ("none", "STRING", 2, "no value in the first 2 rows"),
    ]


def test_a_declared_type_stands_above_the_found_one() -> None:
    fitting = Fitting([{"a": 1}], None, schema={"A": "TINYINT", "b": "DATE"})
    assert {name: kind.sql for name, kind in fitting.fields.items()} == {"a": "TINYINT", "b": "DATE"}
    assert rows(fitting) == [{"a": 1, "b": None}]


def test_a_column_that_comes_too_late() -> None:
    with pytest.raises(SourceError, match="first comes in one of the rows after 10000, too late"):
        rows(Fitting(many({"id": 1, "late": 2}), None))


def test_nothing_to_find_columns_in() -> None:
    with pytest.raises(SourceError, match="no records to find columns in"):
        Fitting([], None)
