"""The types of texts and of JSON values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from duckdb import DuckDBPyConnection
from hypothesis import given
from hypothesis import strategies as st

from lakestead.core.datatypes import DataType, parse_type
from lakestead.ingest.sources.reading.ladder import JSON, TEXT, Rung, infer, widest_text
from lakestead.ingest.sources.reading.lattice import widest
from lakestead.ingest.sources.reading.session import connect


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBPyConnection]:
    with connect(Path(tmp_path_factory.mktemp("scratch"))) as session:
        yield session


def found(session: DuckDBPyConnection, values: Sequence[str | None], rungs: Sequence[Rung]) -> str:
    session.execute(
        "CREATE OR REPLACE TEMP TABLE texts AS SELECT unnest(?::VARCHAR[]) AS value", [list(values)]
    )
    return infer(session, "texts", ["value"], rungs)["value"].ddl


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        (["1", "-2", "0", None], "bigint"),
        (["9223372036854775807"], "bigint"),
        (["9223372036854775808"], "decimal(38,0)"),
        (["1" * 38], "decimal(38,0)"),
        (["1" * 39], "string"),
        (["007", "1"], "string"),
        (["+1"], "string"),
        ([" 1"], "string"),
        (["1.5", "2.25", "-10"], "decimal(18,2)"),
        (["0.1", "12345678901234567.1"], "decimal(18,1)"),
        (["0.12345", "12345678901234567"], "decimal(38,5)"),
        (["00.5"], "string"),
        (["1e5", "1.25"], "double"),
        (["1.5", "NaN"], "double"),
        (["0.30000000000000004", "0.5", "7"], "double"),
        (["0.30000000000000004", "0.50"], "decimal(18,17)"),
        (["true", "False", None], "boolean"),
        (["t"], "string"),
        (["2025-01-31"], "date"),
        (["2025-02-31"], "string"),
        (["31/01/2025"], "string"),
        (["2025-01-31 10:00", "2025-01-31T10:00:00.123456"], "timestamp_ntz"),
        (["2025-01-31 10:00:00.123456789"], "string"),
        (["2025-01-31T10:00:00Z", "2025-01-31 10:00:00+02:00", "2025-01-31 10:00:00+05"], "timestamp"),
        (["2025-01-31T10:00:00Z", "2025-01-31T10:00:00"], "string"),
        (["10:00:00"], "string"),
        ([None, None], "void"),
        ([], "void"),
        (["x"], "string"),
    ],
)
def test_texts(session: DuckDBPyConnection, values: list[str | None], type_: str) -> None:
    assert found(session, values, TEXT) == type_


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        ([1, None], "bigint"),
        ([2**70, 1], "decimal(38,0)"),
        ([1.5, 2], "double"),
        ([1e-7], "double"),
        ([True, False], "boolean"),
        ([True, 1], "string"),
        (["12"], "string"),
        (["2025-01-31"], "date"),
        (["2025-01-31T10:00:00"], "timestamp_ntz"),
        (["2025-01-31T10:00:00Z"], "timestamp"),
        ([{"a": 1}], "string"),
        ([[1]], "string"),
        ([1, "a"], "string"),
        ([None], "void"),
    ],
)
def test_json_values(session: DuckDBPyConnection, values: list[Any], type_: str) -> None:
    written = [None if value is None else json.dumps(value) for value in values]
    assert found(session, written, JSON) == type_


def test_a_value_late_in_many_decides(session: DuckDBPyConnection) -> None:
    assert found(session, [*map(str, range(5000)), "5000.5"], TEXT) == "decimal(18,1)"
    assert found(session, [*map(str, range(5000)), "no number"], TEXT) == "string"


TYPES = [
    "tinyint",
    "smallint",
    "int",
    "bigint",
    "decimal(5,1)",
    "decimal(38,0)",
    "float",
    "double",
    "string",
    "void",
]


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("int", "bigint", "bigint"),
        ("decimal(5,1)", "decimal(4,2)", "decimal(6,2)"),
        ("bigint", "decimal(18,2)", "decimal(21,2)"),
        ("bigint", "decimal(38,30)", None),
        ("int", "double", "double"),
        ("bigint", "double", None),
        ("decimal(5,1)", "double", None),
        ("string", "int", None),
        ("date", "timestamp", None),
        ("void", "date", "date"),
        ("array<int>", "array<bigint>", "array<bigint>"),
        ("struct<a:int,b:string>", "struct<a:bigint,b:string>", "struct<a:bigint,b:string>"),
        ("struct<a:int>", "struct<b:int>", None),
    ],
)
def test_the_type_of_two_types(one: str, other: str, both: str | None) -> None:
    wanted = parse_type(both) if both else None
    assert widest(parse_type(one), parse_type(other)) == wanted
    assert widest(parse_type(other), parse_type(one)) == wanted


@given(st.sampled_from(TYPES), st.sampled_from(TYPES), st.sampled_from(TYPES))
def test_texts_have_one_type_in_whatever_order_files_come(one: str, other: str, third: str) -> None:
    a, b, c = map(parse_type, (one, other, third))
    assert widest_text(a, b) == widest_text(b, a)

    def folded(*kinds: DataType) -> bool:
        return widest_text(widest_text(*kinds[:2]), kinds[2]) == parse_type("string")

    if parse_type("string") in (a, b, c):
        assert folded(a, b, c)
        assert folded(b, c, a)


@pytest.mark.parametrize(
    ("values", "known", "type_"),
    [
        (["1.5"], "decimal(18,2)", "decimal(18,2)"),
        (["7"], "decimal(18,2)", "decimal(18,2)"),
        (["1.555"], "decimal(18,2)", "decimal(18,3)"),
        (["7"], "string", "string"),
        (["7"], "int", "int"),
        (["3000000000"], "int", "bigint"),
        (["7"], "double", "double"),
        (["2025-01-31"], "timestamp", "date"),
        ([None], "date", "void"),
    ],
)
def test_a_type_that_is_known_is_kept_where_it_fits(
    session: DuckDBPyConnection, values: list[str | None], known: str, type_: str
) -> None:
    session.execute("CREATE OR REPLACE TEMP TABLE texts AS SELECT unnest(?::VARCHAR[]) AS Value", [values])
    found = infer(session, "texts", ["Value"], TEXT, {"value": parse_type(known)})
    assert found["Value"].ddl == type_
