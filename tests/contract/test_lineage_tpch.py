"""Lineage of TPC-H's queries as views and as tables, against what is read from them by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.tpch import lineage as truth
from benchmarks.tpch.queries import NUMBERS, is_query, statements
from lakestead.testing import Workspace
from tests.contract.conftest import Sql

SCHEMA = "main.tpch_lineage"


@pytest.fixture(scope="module")
def tpch(workspace_session: Workspace) -> Iterator[Sql]:
    """TPC-H's tables, empty, and the view of query 15."""
    types = {"date": "DATE", "key": "BIGINT", "qty": "DECIMAL(15,2)", "quantity": "DECIMAL(15,2)"}
    types |= dict.fromkeys(("price", "bal", "cost", "discount", "tax"), "DECIMAL(15,2)")
    with workspace_session.connect() as connection:
        sql = Sql(connection)
        sql(f"CREATE SCHEMA {SCHEMA}")
        sql(f"USE {SCHEMA}")
        for table, columns in truth.COLUMNS.items():
            listed = (
                f"{name} {next((kind for end, kind in types.items() if name.endswith(end)), 'STRING')}"
                for name in columns.split()
            )
            sql(f"CREATE TABLE {table} ({', '.join(listed)})")
        sql(next(one for one in statements(15) if one.startswith("create")).replace("temporary ", ""))
        yield sql
        sql(f"DROP SCHEMA {SCHEMA} CASCADE")


@pytest.mark.parametrize("kind", ["VIEW", "TABLE"])
@pytest.mark.parametrize("number", NUMBERS)
def test_query(number: int, kind: str, tpch: Sql) -> None:
    query = next(one for one in statements(number) if is_query(one))
    columns = truth.columns(number)
    listed = ", ".join(columns)
    name = f"{kind.lower()}{number}"
    if kind == "VIEW":
        tpch(f"CREATE VIEW {name} ({listed}) AS {query}")
    else:
        tpch(f"CREATE TABLE {name} AS SELECT * FROM ({query}) AS q({listed})")
    target = f"target_table_full_name = '{SCHEMA}.{name}'"
    rows = tpch(f"SELECT source_table_name, target_type FROM system.access.table_lineage WHERE {target}")
    assert {table for table, _ in rows} == truth.tables(number)
    assert {target_type for _, target_type in rows} == {kind}
    edges = tpch(
        "SELECT target_column_name, concat(source_table_name, '.', source_column_name) "
        f"FROM system.access.column_lineage WHERE {target}"
    )
    expected = {(column, origin) for column, origins in columns.items() for origin in origins}
    assert set(edges) == expected
    assert len(edges) == len(expected)
