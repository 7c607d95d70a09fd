"""Ten rules for the rows of a table: counted in the one pass of row checks, and by a statement each."""

from __future__ import annotations

from contextlib import closing

from benchmarks.harness import Goal, Group, Size, compared, in_turns, timed
from lakestead.client import Warehouse
from lakestead.profiling.checks.counting import Table, count
from lakestead.profiling.checks.rules import AnyRule, TableChecks
from lakestead.profiling.checks.scope import Scope
from lakestead.testing import serve

_TABLE = "main.default.flights"
_RULES = [
    {"kind": "not_null", "columns": ["id", "carrier", "origin"]},
    {"kind": "range", "column": "delay", "min": -60, "max": 600},
    {"kind": "range", "column": "distance", "min": 1},
    {"kind": "set", "column": "carrier", "values": ["C0", "C1", "C2", "C3", "C4", "C5", "C6", "C7"]},
    {"kind": "pattern", "column": "origin", "regex": "^[A-Z]{3}$"},
    {"kind": "sql", "expression": "arrived >= departed"},
    {"kind": "sql", "name": "late", "expression": "delay < 500", "where": "carrier = 'C1'"},
    {"kind": "not_null", "columns": "delay", "threshold": 0.9},
    {"kind": "freshness", "column": "arrived", "max_age_hours": 24},
    {"kind": "row_count", "min": 1},
]


def run(size: Size) -> list[Group]:
    """Measure."""
    rows = size(1_000_000, 10_000)
    with serve() as workspace, closing(Warehouse(workspace.profile)) as warehouse:
        warehouse.rows(
            f"CREATE TABLE {_TABLE} AS SELECT id, concat('C', id % 9) AS carrier,"
            " concat('A', char(65 + id % 26), 'X') AS origin,"
            " IF(id % 50 = 0, NULL, id % 700 - 60) AS delay, id % 3000 AS distance,"
            " TIMESTAMP'2026-01-01' + make_interval(0, 0, 0, 0, 0, 0, id) AS departed,"
            f" TIMESTAMP'2026-01-01' + make_interval(0, 0, 0, 0, 0, 0, id + 60) AS arrived FROM range({rows})"
        )
        rules = TableChecks.model_validate(_RULES).rules
        table = Table(warehouse, _TABLE, Scope())
        timings = in_turns(
            {
                "a statement for each rule": timed(lambda: _each(table, rules)),
                "one pass": timed(lambda: count(table, rules)),
            },
            rounds=size(5, 2),
        )
    title = f"{len(rules)} rules for {rows:,} rows, median"
    return [Group(title, compared(timings, "ms", lambda s: s * 1000, {"one pass": Goal(500.0)}))]


def _each(table: Table, rules: tuple[AnyRule, ...]) -> None:
    for rule in rules:
        count(table, [rule])
