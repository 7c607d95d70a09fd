"""Recommendations on planted waste: each is found, with exactly the money that was planted."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from lakestead.client import Warehouse
from lakestead.costs.savings import Basis, Recommendation, Recommendations, recommend
from lakestead.costs.usage import Period

from .planted import STORAGE_SKU, System, at

NINE = at("2026-10-05T09:00")
HOUR = dt.timedelta(hours=1)
SECOND = dt.timedelta(seconds=1)
PERIOD = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))
HOURLY = Decimal("8.4")  # a Small warehouse's 12 DBUs at 0.70 USD


@pytest.fixture
def system() -> System:
    """A warehouse that stops in time, and ran for an hour."""
    made = System()
    made.add_warehouse("w1", auto_stop_minutes=5)
    made.run_warehouse("w1", NINE, NINE + HOUR)
    return made


def found(warehouse: Warehouse, catalog: str, system: System) -> Recommendations:
    system.write(warehouse, catalog)
    return recommend([warehouse], PERIOD, catalog)


def one(recommendations: Recommendations, kind: str) -> Recommendation:
    (only,) = (one for one in recommendations.found if one.kind == kind)
    return only


def busy(system: System, seconds: int, **figures: object) -> str:
    """Let a statement run that keeps all but one of a Small warehouse's cores busy."""
    return system.run_statement("w1", NINE, seconds, total_task_duration_ms=seconds * 31_000, **figures)


def test_nothing_is_wrong(warehouse: Warehouse, catalog: str, system: System) -> None:
    busy(system, 3600)
    result = found(warehouse, catalog, system)
    assert (result.cost, result.found, result.unknown) == (HOURLY, [], [])


def test_pauses_beyond_the_shorter_auto_stop(warehouse: Warehouse, catalog: str) -> None:
    system = System()
    system.add_warehouse("w1", auto_stop_minutes=60)
    system.run_warehouse("w1", NINE, NINE + 3 * HOUR)
    # Busy at first for half an hour, then from 10:00 to 10:30 twice over, then not any more.
    for start in (NINE, NINE + HOUR, NINE + HOUR):
        system.run_statement("w1", start, 1800, total_task_duration_ms=1800 * 31_000)
    result = found(warehouse, catalog, system)
    idle = one(result, "idle")
    # Pauses of 30 and 90 minutes, of which 5 minutes each would have been left.
    assert idle.savings == 3 * HOURLY * (25 + 85) / 180
    assert idle.basis is Basis.MEASURED
    assert idle.evidence["pauses"] == 2
    assert idle.evidence["idle_hours"] == 2
    assert "after 5 idle minutes; now it stops after 60 minutes" in idle.advice
    assert result.savings() == idle.savings


def test_several_idle_clusters_cost_more(warehouse: Warehouse, catalog: str) -> None:
    system = System()
    system.add_warehouse("w1", auto_stop_minutes=0, max_clusters=3)
    system.run_warehouse("w1", NINE, NINE + 2 * HOUR)
    for event, count, moment in (("SCALED_UP", 3, NINE + HOUR), ("SCALED_DOWN", 1, NINE + HOUR * 3 / 2)):
        row = {**system.rows["compute.warehouse_events"][0], "event_type": event}
        system.rows["compute.warehouse_events"].append({**row, "cluster_count": count, "event_time": moment})
    system.run_statement("w1", NINE, 3600, total_task_duration_ms=3600 * 31_000)
    idle = one(found(warehouse, catalog, system), "idle")
    # Of 3 cluster hours running, the idle ones are 3 × 30 and 1 × 30 minutes, less 3 × 5.
    assert idle.savings == 2 * HOURLY * (85 + 20) / 180
    assert "now it stops never" in idle.advice


def test_a_warehouse_that_stops_in_time_is_left_alone(
    warehouse: Warehouse, catalog: str, system: System
) -> None:
    busy(system, 60)
    assert [rec.kind for rec in found(warehouse, catalog, system).found] == []


def test_failed_statements(warehouse: Warehouse, catalog: str, system: System) -> None:
    busy(system, 3600)
    failed = busy(
        system,
        900,
        execution_status="FAILED",
        error_message="[DIVIDE_BY_ZERO] Division by zero. SQLSTATE: 22012",
    )
    busy(system, 300, execution_status="CANCELED")
    rec = one(found(warehouse, catalog, system), "failed")
    assert rec.savings == HOURLY * 1200 / 4800
    assert rec.evidence["statements"] == 2
    assert rec.evidence["of"][0] == {
        "statement_id": failed,
        "label": "DIVIDE_BY_ZERO",
        "times": 1,
        "savings": Decimal("1.575"),
    }
    assert rec.evidence["of"][1]["label"] == "CANCELED"


def test_repeated_queries_over_unchanged_data(warehouse: Warehouse, catalog: str, system: System) -> None:
    same = {"text": "SELECT * FROM t", "read_rows": 10, "read_bytes": 100, "produced_rows": 10}
    for _ in range(3):
        busy(system, 600, **same)
    busy(system, 600, **{**same, "read_rows": 11})  # somebody has added a row
    busy(system, 600, **{**same, "text": "SELECT a FROM t"})
    busy(system, 600, **{**same, "produced_rows": None})  # what it returned is not known
    system.run_statement("w1", NINE, 0, from_result_cache=True, **same)
    rec = one(found(warehouse, catalog, system), "repeated")
    # They ran at once, for ten minutes.
    assert round(rec.savings, 9) == round(HOURLY / 6 * 2 / 6, 9)
    assert rec.evidence["statements"] == 2


def test_statements_that_spilled(warehouse: Warehouse, catalog: str, system: System) -> None:
    for n in range(20):
        busy(system, 100, text=f"SELECT {n}", read_bytes=1000, read_rows=n + 1)
    busy(system, 400, text="SELECT 'all'", read_bytes=2000, spilled_local_bytes=10**9)
    rec = one(found(warehouse, catalog, system), "spilled")
    # 400 seconds where 200 would have done, of 2400 in all, which ran at once.
    assert round(rec.savings, 9) == round(HOURLY * 400 / 3600 * 200 / 2400, 9)
    assert rec.basis is Basis.MODELLED
    assert rec.evidence["task_hours"] == round(200 * 31 / 3600, 3)


def test_without_a_comparison_nothing_is_said_of_spill(
    warehouse: Warehouse, catalog: str, system: System
) -> None:
    busy(system, 3600, read_bytes=2000, spilled_local_bytes=10**9)
    assert found(warehouse, catalog, system).found == []


def test_small_files(warehouse: Warehouse, catalog: str, system: System) -> None:
    # 2 seconds for a gigabyte and 10 milliseconds for a file.
    for n in range(20):
        gigabytes, files = n + 1, (n % 5 + 1) * 8
        task = gigabytes * 2000 + files * 10
        busy(system, 10, text=f"SELECT {n}")
        system.rows["query.history"][-1].update(
            total_task_duration_ms=task, read_bytes=gigabytes * 10**9, read_files=files
        )
    busy(system, 3600, text="SELECT 'small'")
    system.rows["query.history"][-1].update(
        total_task_duration_ms=2000 + 100_000, read_bytes=10**9, read_files=10_000
    )
    result = found(warehouse, catalog, system)
    rec = one(result, "small files")
    assert rec.evidence["statements"] == 1
    assert rec.evidence["task_hours"] == round((10_000 - 8) * 10 / 3_600_000, 3)


def test_full_scans_for_few_rows(warehouse: Warehouse, catalog: str, system: System) -> None:
    scan = {"read_files": 200, "pruned_files": 0, "read_rows": 1_000_000, "produced_rows": 1000}
    busy(system, 1800, text="SELECT * FROM t WHERE a = 1", **scan)
    for text in (
        "SELECT * FROM t",
        "SELECT count(*) FROM t WHERE a = 1",
        "SELECT a FROM t WHERE b GROUP BY a",
    ):
        busy(system, 1000, text=text, **scan)
    busy(system, 800, text="SELECT * FROM t WHERE a = 2", **{**scan, "pruned_files": 100})
    result = found(warehouse, catalog, system)
    rec = one(result, "full scans")
    assert rec.evidence["statements"] == 1
    assert rec.basis is Basis.AT_MOST
    assert rec.savings == result.savings(Basis.AT_MOST)
    assert result.savings() == 0


def test_an_oversized_warehouse(warehouse: Warehouse, catalog: str, system: System) -> None:
    # 12 of 32 cores busy: four fifths of an X-Small's 16 are enough.
    system.run_statement("w1", NINE, 3600, total_task_duration_ms=3600 * 12_000)
    rec = one(found(warehouse, catalog, system), "oversized")
    assert rec.savings == HOURLY / 2
    assert (rec.evidence["size"], rec.evidence["smaller"]) == ("Small", "X-Small")


def test_what_may_need_its_size_keeps_it(warehouse: Warehouse, catalog: str) -> None:
    system = System()
    for number, figures in enumerate(
        [
            {"total_task_duration_ms": 3600 * 13_000},
            {"total_task_duration_ms": None},
            {"waiting_at_capacity_duration_ms": 1},
            {"waiting_at_capacity_duration_ms": None},
            {"spilled_local_bytes": 1},
            {"spilled_local_bytes": None},
        ]
    ):
        name = f"w{number}"
        system.add_warehouse(name, auto_stop_minutes=5)
        system.run_warehouse(name, NINE, NINE + HOUR)
        system.run_statement(name, NINE, 3600, **figures)
    result = found(warehouse, catalog, system)
    assert result.cost == 6 * HOURLY
    assert result.found == []
    assert result.unknown == ["warehouse 'w1': 1 of 1 statements have no task time"]


def test_a_warehouse_that_is_too_small(warehouse: Warehouse, catalog: str, system: System) -> None:
    busy(system, 3600, waiting_at_capacity_duration_ms=900_000)
    rec = one(found(warehouse, catalog, system), "undersized")
    assert (rec.savings, rec.evidence["waiting_hours"], rec.evidence["share_of_time"]) == (0, 0.25, 0.25)


def test_no_money_is_counted_twice(warehouse: Warehouse, catalog: str) -> None:
    system = System()
    system.add_warehouse("w1", auto_stop_minutes=60)
    system.run_warehouse("w1", NINE, NINE + 2 * HOUR)
    same = {"text": "SELECT 1", "read_rows": 10, "read_bytes": 100, "produced_rows": 10}
    for n in range(10):
        status = "FAILED" if n % 2 else "FINISHED"
        system.run_statement("w1", NINE + n * 60 * SECOND, 60, execution_status=status, **same)
    result = found(warehouse, catalog, system)
    kinds = {rec.kind: round(rec.savings, 9) for rec in result.found}
    assert kinds["failed"] == 2 * HOURLY / 12 / 2
    assert kinds["repeated"] == 2 * HOURLY / 12 * 4 / 10
    assert kinds["idle"] == 2 * HOURLY * 105 / 120
    left = 2 * HOURLY - kinds["failed"] - kinds["repeated"] - kinds["idle"]
    assert kinds["oversized"] == left / 2
    assert sum(kinds.values()) < result.cost


def test_failed_runs_of_jobs(warehouse: Warehouse, catalog: str) -> None:
    system = System()
    for run, result in (("r1", "SUCCEEDED"), ("r2", "FAILED"), ("r3", "FAILED")):
        # Long runs have a row for each hour.
        system.add_job_run("j1", run, NINE, NINE + HOUR, "")
        system.add_job_run("j1", run, NINE + HOUR, NINE + 2 * HOUR, result)
        system.add_usage(NINE, NINE + HOUR, Decimal(10), job_id="j1", job_run_id=run)
    rec = one(found(warehouse, catalog, system), "failed runs")
    assert (rec.resource, rec.savings) == ("j1", 14)
    assert (rec.evidence["runs"], rec.evidence["run_ids"]) == (2, ["r2", "r3"])


def test_tables_that_nobody_reads(warehouse: Warehouse, catalog: str) -> None:
    system = System()
    for name in ("read", "unread"):
        table = {"uc_table_catalog": "main", "uc_table_schema": "s", "uc_table_name": name}
        system.add_usage(NINE, NINE + HOUR, Decimal(3), sku=STORAGE_SKU, kind="STORAGE_SPACE", **table)
    system.add_lineage("main.s.read", "1", NINE)
    system.add_lineage("main.s.unread", "1", at("2026-09-30T23:00"))
    rec = one(found(warehouse, catalog, system), "unused table")
    assert (rec.resource, rec.savings) == ("main.s.unread", Decimal("2.1"))
    week = recommend([warehouse], Period(PERIOD.since, dt.date(2026, 10, 8)), catalog)
    assert week.found == []
    assert week.unknown == ["unused tables: ask for 30 days at least"]


def test_tables_that_are_missing_are_told(warehouse: Warehouse, catalog: str, system: System) -> None:
    busy(system, 60)
    system.write(warehouse, catalog, ["billing.usage", "billing.list_prices"])
    result = recommend([warehouse], PERIOD, catalog)
    assert result.found == []
    assert [text.split(":")[0] for text in result.unknown] == ["SQL warehouses", "jobs", "unused tables"]
