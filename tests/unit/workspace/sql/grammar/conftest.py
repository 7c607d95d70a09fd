"""`read` parses a statement and checks that every fragment stands where it says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from lakestead.workspace.sql.grammar import parse
from lakestead.workspace.sql.grammar.ast import Fragment


def _at_zero(value: Any, sql: str) -> Any:
    """The value with the start of every fragment set to 0, after a look at what stands there."""
    if isinstance(value, Fragment):
        assert sql[value.start : value.start + len(value.text)] == value.text
        return Fragment(value.text, 0)
    if isinstance(value, tuple):
        return tuple(_at_zero(one, sql) for one in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return type(value)(**{name: _at_zero(one, sql) for name, one in fields.items()})
    return value


@pytest.fixture
def read() -> Callable[..., Any]:
    return lambda sql, *parameters: _at_zero(parse(sql, *parameters), sql)
