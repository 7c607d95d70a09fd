"""Lineage of TPC-H's queries against what is read from them by hand."""

from __future__ import annotations

import pytest

from benchmarks.tpch import lineage as truth
from benchmarks.tpch.queries import NUMBERS, is_query, statements
from lakestead.workspace.sql.grammar import parse
from lakestead.workspace.system.lineage.statement import extract
from lakestead.workspace.system.lineage.trace import Trace
from tests.unit.workspace.system.lineage.statements import edges, relations

TABLES = {f"main.d.{name}": columns for name, columns in truth.COLUMNS.items()}
TABLES["main.d.revenue0"] = "supplier_no total_revenue"


@pytest.mark.parametrize("number", NUMBERS)
def test_query(number: int) -> None:
    text = next(one for one in statements(number) if is_query(one))
    trace = Trace("main", "d", parse(f"CREATE VIEW v AS {text}"), relations=relations(TABLES))
    expected = truth.columns(number)
    trace.makes("VIEW", ("main", "d", "v"), list(expected))
    found = extract(trace)
    assert found is not None
    assert {one.name[-1] for one in found.sources} == truth.tables(number)
    assert edges(found) == {name: " ".join(sorted(made)) for name, made in expected.items() if made}
