"""Jobs into tables: what is made of them, and what is told of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakestead.core.errors import ConfigError
from lakestead.ingest import Backfill
from lakestead.testing import Workspace

from .tables import Shop

ORDERS = """
CREATE TABLE orders (id INTEGER PRIMARY KEY, amount DECIMAL(10,2), at TIMESTAMP);
INSERT INTO orders VALUES (1, 10.5, '2024-01-01 00:00:00'), (2, 20, '2024-01-02 00:00:00'),
                          (3, NULL, '2024-01-03 00:00:00');
"""
INCREMENTAL = {"table_name": "orders", "load_type": "INCREMENTAL", "watermark_column": "at"}


@pytest.fixture
def shop(tmp_path: Path, workspace_session: Workspace) -> Iterator[Shop]:
    made = Shop(tmp_path, workspace_session)
    yield made
    made.remove()


def test_a_new_table_is_made_as_the_job_says(shop: Shop) -> None:
    shop.source(ORDERS)
    shop.jobs(
        {"table_name": "orders", "comment": "What's sold", "tags": {"tier": "gold"}, "cluster_by": "at"}
    )
    shop.one()

    info = shop.workspace.client().tables.get(f"main.{shop.schema}.orders")
    assert info.comment == "What's sold"
    assert [(one.name, one.type_text, one.nullable) for one in info.columns or []] == [
        ("id", "bigint", False),
        ("amount", "decimal(10,2)", True),
        ("at", "timestamp_ntz", True),
    ]
    assert [key.primary_key_constraint for key in info.table_constraints or []]
    tags = shop.sql(
        "SELECT tag_name, tag_value FROM system.information_schema.table_tags"
        f" WHERE schema_name = '{shop.schema}'"
    )
    assert tags == [("tier", "gold")]
    assert "CLUSTER BY (at)" in shop.sql("SHOW CREATE TABLE orders")[0][0]


def test_names_that_a_table_cannot_have(shop: Shop) -> None:
    shop.source(
        'CREATE TABLE "Order Lines" ("line no" INTEGER, "a=b" TEXT); INSERT INTO "Order Lines" VALUES (1, 2)'
    )
    shop.jobs({"table_name": "Order Lines"})
    shop.one()

    assert shop.sql("SELECT line_no, a_b FROM order_lines") == [(1, "2")]


def test_all_tables_like_a_pattern(shop: Shop) -> None:
    shop.source(
        "CREATE TABLE dim_a (x INTEGER); CREATE TABLE dim_b (x INTEGER); CREATE TABLE fact (x INTEGER);"
    )
    shop.jobs({"table_name": "dim_*"})
    report = shop.run(parallel=2)

    assert [entry.job for entry in report.entries] == ["shop.dim_a", "shop.dim_b"]
    found = {row[1] for row in shop.sql("SHOW TABLES") if not row[1].startswith("_")}
    assert found == {"dim_a", "dim_b"}


def test_a_part_of_the_past_again(shop: Shop) -> None:
    shop.source(ORDERS)
    shop.jobs(INCREMENTAL)
    before = shop.one().watermark_after
    # Somebody has mended the past at the source, and somebody else has broken it in the table.
    shop.source(
        "UPDATE orders SET amount = 99 WHERE id = 1; INSERT INTO orders VALUES (4, 4, '2024-01-01 12:00:00')"
    )
    shop.sql("DELETE FROM orders WHERE id = 2")
    assert shop.one().status == "unchanged"

    entry = shop.one(backfill=Backfill("2024-01-01", "2024-01-02 00:00:01"))

    assert (entry.rows_inserted, entry.rows_updated) == (2, 1)
    assert entry.watermark_after == before == "2024-01-03T00:00:00"
    assert shop.sql("SELECT id, CAST(amount AS INT) FROM orders ORDER BY id") == [
        (1, 99),
        (2, 20),
        (3, None),
        (4, 4),
    ]


def test_what_does_not_fit_is_discarded_value_by_value(shop: Shop) -> None:
    shop.source("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER); INSERT INTO t VALUES (1, 1)")
    job = {"table_name": "t", "strategy": "mirror", "evolution": "discard_value"}
    shop.jobs(job)
    shop.one()
    shop.source("DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, w TEXT);")
    shop.source("INSERT INTO t VALUES (1, '7', 'x'), (2, 'seven', 'y')")
    shop.one()

    assert shop.sql("SELECT * FROM t ORDER BY id") == [(1, 7), (2, None)]


def test_what_does_not_fit_is_rejected_row_by_row(shop: Shop) -> None:
    shop.source("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER); INSERT INTO t VALUES (1, 1)")
    shop.jobs({"table_name": "t", "strategy": "mirror", "evolution": "discard_row"})
    shop.one()
    shop.source("DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, w TEXT);")
    shop.source("INSERT INTO t VALUES (1, '7', NULL), (2, 'seven', NULL), (3, '3', 'more')")
    entry = shop.one()

    assert entry.rows_rejected == 2
    assert shop.sql("SELECT * FROM t") == [(1, 7)]
    rejected = shop.sql("SELECT job, reason, row FROM t__rejected ORDER BY row")
    assert [(job, reason, json.loads(row)) for job, reason, row in rejected] == [
        ("shop.t", "v is no BIGINT", {"id": 2, "v": "seven"}),
        ("shop.t", "the table has no column w", {"id": 3, "v": "3", "w": "more"}),
    ]


def test_columns_that_are_frozen(shop: Shop) -> None:
    shop.source("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)")
    shop.jobs({"table_name": "t", "evolution": "freeze"})
    shop.one()
    shop.source("ALTER TABLE t ADD COLUMN w TEXT; INSERT INTO t VALUES (2, 'x')")
    (entry,) = shop.run().failed

    assert "has no column 'w'" in (entry.error or "")
    assert shop.sql("SELECT * FROM t") == [(1,)]


@pytest.mark.parametrize("values", ["(1, 'a'), (1, 'b')", "(NULL, 'a')"])
def test_keys_that_tell_no_rows_apart(shop: Shop, values: str) -> None:
    shop.source(f"CREATE TABLE t (k INTEGER, v TEXT); INSERT INTO t VALUES {values}")
    shop.jobs({"table_name": "t", "strategy": "mirror", "primary_key": "k"})
    (entry,) = shop.run().failed

    assert "2 rows with the key k = 1" in (entry.error or "") or "whose key is null" in (entry.error or "")
    assert shop.sql("SELECT * FROM t") == []


def test_of_the_rows_of_a_key_the_newest_counts(shop: Shop) -> None:
    shop.source(
        "CREATE TABLE t (k INTEGER, v TEXT, at INTEGER); INSERT INTO t VALUES (1, 'old', 1), (1, 'new', 2)"
    )
    shop.jobs({"table_name": "t", "load_type": "INCREMENTAL", "watermark_column": "at", "primary_key": "k"})
    shop.one()
    assert shop.sql("SELECT * FROM t") == [(1, "new", 2)]
    shop.source("INSERT INTO t VALUES (1, 'newer', 3), (1, 'newest', 4)")
    shop.one()
    assert shop.sql("SELECT * FROM t") == [(1, "newest", 4)]


def test_a_table_that_was_dropped_is_loaded_whole_again(shop: Shop) -> None:
    shop.source(ORDERS)
    shop.jobs({**INCREMENTAL, "strategy": "append"})
    shop.one()
    shop.sql("DROP TABLE orders")
    entry = shop.one()

    assert entry.rows_inserted == 3
    assert shop.sql("SELECT count(*) FROM orders") == [(3,)]


def test_one_failing_job_stops_no_other(shop: Shop) -> None:
    shop.source(ORDERS)
    shop.jobs({"table_name": "nothing"}, {"table_name": "orders"})
    report = shop.run()

    assert [entry.status for entry in report.entries] == ["failed", "loaded"]
    assert "nothing" in (report.entries[0].error or "")
    lines = shop.audit()
    assert [(line["job"], line["status"], line["rows_read"]) for line in lines] == [
        ("shop.nothing", "failed", "0"),
        ("shop.orders", "loaded", "3"),
    ]
    assert shop.sql("SELECT job, status, rows_inserted FROM _lakestead_audit ORDER BY job") == [
        ("shop.nothing", "failed", 0),
        ("shop.orders", "loaded", 3),
    ]
    (errors,) = (shop.folder / "logs" / "errors").glob("shop_errors_*.log")
    assert "nothing" in errors.read_text()


def test_two_jobs_make_one_table_at_once(shop: Shop) -> None:
    shop.source("CREATE TABLE a (id INTEGER, x TEXT); INSERT INTO a VALUES (1, 'a');")
    shop.source("CREATE TABLE b (id INTEGER, y TEXT); INSERT INTO b VALUES (2, 'b');")
    job = {"strategy": "append", "target_table": "both"}
    shop.jobs({"table_name": "a", **job}, {"table_name": "b", **job})
    report = shop.run(parallel=2)

    assert not report.failed
    assert shop.sql("SELECT id, x, y FROM both ORDER BY id") == [(1, "a", None), (2, None, "b")]


def test_the_same_job_twice_at_once(shop: Shop) -> None:
    shop.source(ORDERS)
    shop.jobs({**INCREMENTAL, "strategy": "append"})
    reports = []
    runs = [threading.Thread(target=lambda: reports.append(shop.run())) for _ in range(3)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    shop.run()

    assert sum(entry.status == "loaded" for report in reports for entry in report.entries) >= 1
    assert shop.sql("SELECT id FROM orders ORDER BY id") == [(1,), (2,), (3,)]


def test_a_plan_writes_nothing(shop: Shop) -> None:
    shop.source(ORDERS)
    shop.jobs(INCREMENTAL)
    orchestrator = shop.orchestrator()
    try:
        (planned,) = orchestrator.plan()
    finally:
        orchestrator.close()

    assert (planned.target, planned.strategy, planned.keys) == (
        f"main.{shop.schema}.orders",
        "merge",
        ("id",),
    )
    names = [schema.name for schema in shop.workspace.client().schemas.list("main")]
    assert shop.schema not in names


def test_a_job_that_is_not_there(shop: Shop) -> None:
    shop.jobs({"table_name": "orders"})
    orchestrator = shop.orchestrator()
    with pytest.raises(ConfigError, match=r"no job 'other'.*there are: shop\.orders"):
        orchestrator.run(["other"])
