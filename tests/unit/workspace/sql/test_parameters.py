"""Values of parameters against their types."""

from __future__ import annotations

import pytest

from lakestead.core.datatypes import parse_type
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.parameters import check
from lakestead.workspace.sql.statement import Parameter

GOOD = [
    ("INT", "-2147483648"),
    ("INT", " 42 "),
    ("TINYINT", "+127"),
    ("BIGINT", "9223372036854775807"),
    ("DECIMAL(10,2)", "-.5"),
    ("DECIMAL(10,2)", "1e2"),
    ("DOUBLE", "-Infinity"),
    ("FLOAT", "1.5"),
    ("BOOLEAN", "True"),
    ("DATE", "2024-1-5"),
    ("TIMESTAMP", "2024-01-05T10:00:00+02:00"),
    ("STRING", "anything"),
    ("BINARY", "anything"),
]
BAD = [
    ("INT", "ten"),
    ("INT", "1.5"),
    ("INT", ""),
    ("DECIMAL(10,2)", "1,5"),
    ("DOUBLE", "one"),
    ("BOOLEAN", "maybe"),
    ("DATE", "yesterday"),
    ("TIMESTAMP", "10:00"),
]


@pytest.mark.parametrize(("kind", "value"), GOOD)
def test_values_of_their_type(kind: str, value: str) -> None:
    check(Parameter(value, kind, "age"), parse_type(kind))


@pytest.mark.parametrize(("kind", "value"), BAD)
def test_others_are_refused_by_name(kind: str, value: str) -> None:
    with pytest.raises(ApiError, match="Parameter 'age'") as refused:
        check(Parameter(value, kind, "age"), parse_type(kind))
    assert refused.value.code is ErrorCode.CAST_INVALID_INPUT


@pytest.mark.parametrize(("kind", "value"), [("INT", "2147483648"), ("TINYINT", "-129")])
def test_numbers_out_of_range_are_refused(kind: str, value: str) -> None:
    with pytest.raises(ApiError, match="Parameter without a name") as refused:
        check(Parameter(value, kind), parse_type(kind))
    assert refused.value.code is ErrorCode.CAST_OVERFLOW
