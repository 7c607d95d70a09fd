"""`%(name)s` in code becomes a bound parameter; everywhere else it is text."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakestead.client.sql.parameters import bound, code, translate

NOON = dt.datetime.fromisoformat("2024-01-01T12:00:00")
GIVEN = {"a": 1, "b": "x"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT %(a)s, %(b)s, %(a)s", "SELECT :a, :b, :a"),
        ("SELECT 7 %% 4 WHERE x = %(a)s", "SELECT 7 % 4 WHERE x = :a"),
        ("SELECT 7 % 4, :b", "SELECT 7 % 4, :b"),
        ("SELECT '%% %x', %(a)s", "SELECT '%% %x', :a"),
        ("SELECT '%(a)s', %(a)s", r"SELECT '%\u0028a)s', :a"),
        (r"SELECT 'it\'s %(a)s', %(a)s", r"SELECT 'it\'s %\u0028a)s', :a"),
        ("SELECT 'it''s %(a)s', %(a)s", r"SELECT 'it''s %\u0028a)s', :a"),
        ('SELECT "%(a)s", %(a)s', r'SELECT "%\u0028a)s", :a'),
        (r"SELECT r'\', %(a)s, 'x'", r"SELECT r'\', :a, 'x'"),
        ("SELECT `a%%`, `a``%(b`, %(a)s", "SELECT `a%%`, `a``%(b`, :a"),
        ("SELECT %(a)s -- %(b)s '\n, %(b)s", "SELECT :a -- %(b)s '\n, :b"),
        ("SELECT /* /* %(a)s */ %(b)s */ %(a)s", "SELECT /* /* %(a)s */ %(b)s */ :a"),
        ("SELECT 1 /* %(nobody)s", "SELECT 1 /* %(nobody)s"),
    ],
)
def test_markers(query: str, expected: str) -> None:
    assert translate(query, GIVEN)[0] == expected


@pytest.mark.parametrize("text", ["`%(a)s`", "r'%(a)s'"])
def test_what_the_connector_would_change_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be sent"):
        translate(f"SELECT {text}, %(a)s", GIVEN)


@pytest.mark.parametrize("params", [None, {}])
def test_without_parameters_nothing_is_touched(params: dict[str, Any] | None) -> None:
    assert translate("SELECT 7 %% 4, %(a)s", params) == ("SELECT 7 %% 4, %(a)s", None)


def test_a_parameter_without_a_value() -> None:
    with pytest.raises(ValueError, match="'c' has no value; given are a, b"):
        translate("SELECT %(c)s", GIVEN)


@pytest.mark.parametrize("name", ["first name", "a-b", "1a", ""])
def test_a_name_that_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a parameter"):
        translate(f"SELECT %({name})s", {name: 1})


def test_bytes_are_bound_as_their_hexadecimal_digits() -> None:
    text, values = translate("SELECT %(a)s", {"a": b"\x00\xff"})
    assert text == "SELECT unhex(:a)"
    assert values is not None
    assert values[0].value == "00ff"


@given(st.text(st.sampled_from("'\"`\\r-/*% \n;ax")))
def test_a_string_literal_is_never_changed(content: str) -> None:
    literal = "'" + content.replace("\\", "\\\\").replace("'", "\\'") + "'"
    assert translate(f"SELECT {literal}, %(a)s", GIVEN)[0] == f"SELECT {literal}, :a"


@pytest.mark.parametrize(
    ("value", "kind", "kept"),
    [
        (None, "VOID", None),
        (True, "BOOLEAN", True),
        (7, "INT", 7),
        (2**40, "BIGINT", 2**40),
        (2**70, "DECIMAL(22,0)", Decimal(2**70)),
        (1.5, "DOUBLE", 1.5),
        (Decimal("12.50"), "DECIMAL(4,2)", Decimal("12.50")),
        (Decimal("1E+3"), "DECIMAL(4,0)", Decimal("1000")),
        ("x", "STRING", "x"),
        (dt.date(2024, 2, 29), "DATE", dt.date(2024, 2, 29)),
        (NOON, "TIMESTAMP_NTZ", NOON),
        (
            dt.datetime(2024, 1, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=2))),
            "TIMESTAMP",
            dt.datetime(2024, 1, 1, 10, tzinfo=dt.UTC),
        ),
        (dt.time(1, 2), "STRING", "01:02:00"),
        (uuid.UUID(int=1), "STRING", "00000000-0000-0000-0000-000000000001"),
        (np.int32(7), "INT", 7),
        (np.float64(0.5), "DOUBLE", 0.5),
    ],
)
def test_a_value_keeps_its_type(value: Any, kind: str, kept: Any) -> None:
    parameter = bound("p", value)
    assert (parameter._cast_expr(), parameter.value) == (kind, kept)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity")])
def test_decimals_without_a_value(value: Decimal) -> None:
    with pytest.raises(ValueError, match="DECIMAL has no such value"):
        bound("p", value)


@pytest.mark.parametrize("value", [object(), dt.timedelta(1), [b"x"]])
def test_what_cannot_be_bound(value: Any) -> None:
    with pytest.raises(TypeError, match="cannot be bound"):
        bound("p", value)


def test_code_has_no_text() -> None:
    assert code("SELECT 'INSERT' /* DELETE */, `MERGE` -- UPDATE").split() == ["SELECT", ","]
