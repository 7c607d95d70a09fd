from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lakestead.workspace.sql.grammar.ast import (
    DescribeCatalog,
    DescribeDetail,
    DescribeFunction,
    DescribeHistory,
    DescribeQuery,
    DescribeSchema,
    DescribeTable,
    DescribeVolume,
    Fragment,
    ShowCatalogColumns,
    ShowCatalogs,
    ShowCatalogTables,
    ShowColumns,
    ShowCreateTable,
    ShowCurrentSchema,
    ShowFunctions,
    ShowGroups,
    ShowPartitions,
    ShowProperties,
    ShowSchemas,
    ShowTableExtended,
    ShowTables,
    ShowUsers,
    ShowVolumes,
    Unsupported,
)

S = ("c", "s")
T = ("t",)

SHOW = [
    ("SHOW CATALOGS", ShowCatalogs()),
    ("SHOW CATALOGS LIKE 'm*'", ShowCatalogs("m*")),
    ("SHOW CATALOGS 'm*'", ShowCatalogs("m*")),
    ("SHOW SCHEMAS", ShowSchemas()),
    ("SHOW DATABASES LIKE 'x'", ShowSchemas(None, "x")),
    ("SHOW SCHEMAS IN c", ShowSchemas("c")),
    ("SHOW SCHEMAS FROM `c-d` 'x'", ShowSchemas("c-d", "x")),
    ("SHOW SCHEMAS IN CATALOG c LIKE 'x'", ShowSchemas("c", "x")),
    ("SHOW SCHEMAS IN catalog LIKE 'x'", ShowSchemas("catalog", "x")),
    ("SHOW SCHEMAS IN ALL CATALOGS LIKE 'x'", ShowSchemas(None, "x", all_catalogs=True)),
    ("SHOW TABLES", ShowTables()),
    ("SHOW TABLES LIKE 'a|b'", ShowTables(None, "a|b")),
    ("SHOW TABLES IN c.s", ShowTables(S)),
    ('SHOW TABLES FROM c.s "a%";', ShowTables(S, "a%")),
    ("SHOW TABLES IN CATALOG c", ShowCatalogTables("c")),
    ("SHOW TABLES IN CATALOG c SCHEMA LIKE 's' LIKE 't'", ShowCatalogTables("c", "s", "t")),
    ("SHOW TABLES IN CATALOG c LIKE 't'", ShowCatalogTables("c", None, "t")),
    ("SHOW TABLES IN ALL CATALOGS SCHEMA LIKE 's'", ShowCatalogTables(None, "s")),
    ("SHOW VIEWS", ShowTables(views_only=True)),
    ("SHOW VIEWS IN c.s LIKE 'v'", ShowTables(S, "v", views_only=True)),
    ("SHOW VOLUMES IN c.s 'v*'", ShowVolumes(S, "v*")),
    ("SHOW FUNCTIONS", ShowFunctions()),
    ("SHOW USER FUNCTIONS IN c.s LIKE 'f*'", ShowFunctions("USER", S, "f*")),
    ("SHOW SYSTEM FUNCTIONS concat", ShowFunctions("SYSTEM", None, "concat")),
    ("SHOW ALL FUNCTIONS LIKE c.s.f", ShowFunctions("ALL", None, "c.s.f")),
    ("SHOW TABLE EXTENDED LIKE 'a|b'", ShowTableExtended("a|b")),
    ("SHOW TABLE EXTENDED IN c.s LIKE '*'", ShowTableExtended("*", S)),
    ("SHOW COLUMNS IN t", ShowColumns(T)),
    ("SHOW COLUMNS FROM c.s.t", ShowColumns(("c", "s", "t"))),
    ("SHOW COLUMNS IN t IN c.s", ShowColumns(("c", "s", "t"))),
    ("SHOW COLUMNS IN CATALOG c", ShowCatalogColumns("c")),
    (
        "SHOW COLUMNS IN CATALOG c SCHEMA LIKE 's' TABLE LIKE 't' LIKE 'x'",
        ShowCatalogColumns("c", "s", "t", "x"),
    ),
    ("SHOW COLUMNS IN ALL CATALOGS TABLE LIKE 't'", ShowCatalogColumns(None, None, "t")),
    ("SHOW TBLPROPERTIES t", ShowProperties(T)),
    ("SHOW TBLPROPERTIES t ('a.b')", ShowProperties(T, "a.b")),
    ("SHOW TBLPROPERTIES t (a.b)", ShowProperties(T, "a.b")),
    ("SHOW CREATE TABLE c.s.t", ShowCreateTable(("c", "s", "t"))),
    ("SHOW PARTITIONS t", ShowPartitions(T)),
    ("SHOW USERS LIKE 'a*'", ShowUsers("a*")),
    ("SHOW GROUPS", ShowGroups()),
    ("SHOW CURRENT SCHEMA", ShowCurrentSchema()),
    ("SHOW TABLES DROPPED", Unsupported("SHOW TABLES DROPPED")),
    ("SHOW KEYS IN CATALOG c IN SCHEMA s IN TABLE t", Unsupported("SHOW KEYS")),
    ("SHOW FOREIGN KEYS IN CATALOG c", Unsupported("SHOW FOREIGN KEYS")),
    ("SHOW EXTERNAL LOCATIONS", Unsupported("SHOW EXTERNAL LOCATIONS")),
    ("SHOW PROCEDURES IN c.s", Unsupported("SHOW PROCEDURES")),
    ("SHOW PARTITIONS t PARTITION (a = 1)", Unsupported("SHOW PARTITIONS … PARTITION")),
    ("SHOW GROUPS WITH USER u", Unsupported("SHOW GROUPS WITH")),
]


@pytest.mark.parametrize(("sql", "expected"), SHOW)
def test_show(read: Callable[..., Any], sql: str, expected: object) -> None:
    assert read(sql) == expected


DESCRIBE = [
    ("DESCRIBE t", DescribeTable(T)),
    ("DESC TABLE c.s", DescribeTable(S)),
    ("DESCRIBE EXTENDED t", DescribeTable(T, extended=True)),
    ("describe formatted t", DescribeTable(T, extended=True)),
    ("DESCRIBE TABLE EXTENDED c.s AS JSON", DescribeTable(S, extended=True, as_json=True)),
    ("DESCRIBE TABLE EXTENDED c.s x.y", DescribeTable(S, extended=True, column=("x", "y"))),
    ("DESC t x", DescribeTable(T, column=("x",))),
    ("DESC t AS JSON", DescribeTable(T, as_json=True)),
    ("DESC history", DescribeTable(("history",))),
    ("DESC history.t", DescribeTable(("history", "t"))),
    ("DESC extended", DescribeTable(("extended",))),
    ("DESC table", DescribeTable(("table",))),
    ("DESC extended AS JSON", DescribeTable(("extended",), as_json=True)),
    ("DESCRIBE HISTORY c.s", DescribeHistory(S)),
    ("DESCRIBE HISTORY c.s LIMIT 1", DescribeHistory(S, 1)),
    ("DESCRIBE HISTORY '/p'", DescribeHistory(("delta", "/p"))),
    ("DESCRIBE DETAIL delta.`/p`", DescribeDetail(("delta", "/p"))),
    ("DESCRIBE CATALOG c", DescribeCatalog(("c",))),
    ("DESCRIBE CATALOG EXTENDED c", DescribeCatalog(("c",), extended=True)),
    ("DESCRIBE SCHEMA EXTENDED c.s", DescribeSchema(S, extended=True)),
    ("DESC DATABASE extended", DescribeSchema(("extended",))),
    ("DESCRIBE VOLUME c.s.v", DescribeVolume(("c", "s", "v"))),
    ("DESCRIBE FUNCTION EXTENDED c.s", DescribeFunction(S, extended=True)),
    ("DESCRIBE FUNCTION '+'", DescribeFunction(("+",))),
    ("DESCRIBE QUERY SELECT 1", DescribeQuery(Fragment("SELECT 1", 0))),
    ("DESCRIBE SELECT 1;", DescribeQuery(Fragment("SELECT 1", 0))),
    ("DESC WITH x AS (SELECT 1) TABLE x", DescribeQuery(Fragment("WITH x AS (SELECT 1) TABLE x", 0))),
    ("DESCRIBE TABLE t PARTITION (a = 1)", Unsupported("DESCRIBE TABLE … PARTITION")),
    ("DESCRIBE CONNECTION c", Unsupported("DESCRIBE CONNECTION")),
    ("DESCRIBE STORAGE CREDENTIAL c", Unsupported("DESCRIBE STORAGE CREDENTIAL")),
]


@pytest.mark.parametrize(("sql", "expected"), DESCRIBE)
def test_describe(read: Callable[..., Any], sql: str, expected: object) -> None:
    assert read(sql) == expected
