from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from lakestead.client import Warehouse
from lakestead.govern.policies import Governance
from lakestead.govern.policies.view import View
from lakestead.govern.retention.overdue import Overdue, delete, overdue

NOW = dt.datetime(2026, 6, 30, 15, 30, tzinfo=dt.UTC)


def test_overdue_rows_are_found_and_deleted_with_their_files(
    warehouse: Warehouse, schema: str, declared: Callable[[str], Governance]
) -> None:
    for statement in (
        f"CREATE TABLE {schema}.visits (id INT, at TIMESTAMP)"
        " TBLPROPERTIES ('delta.deletedFileRetentionDuration' = 'interval 0 hours')",
        f"INSERT INTO {schema}.visits VALUES (1, TIMESTAMP '2026-05-30T23:59:59Z'),"
        " (2, TIMESTAMP '2026-05-31T00:00:00Z'), (3, TIMESTAMP '2026-06-30T00:00:00Z'), (4, NULL)",
        f"CREATE TABLE {schema}.visits_by_day (id INT, at DATE)",
        f"INSERT INTO {schema}.visits_by_day VALUES (1, DATE '2026-05-30'), (2, DATE '2026-05-31')",
        f"CREATE TABLE {schema}.visits_new (id INT, at TIMESTAMP)",
        f"CREATE TABLE {schema}.visits_text (id INT, at STRING)",
        f"CREATE TABLE {schema}.visits_none (id INT)",
        f"CREATE TABLE {schema}.other (id INT, at DATE)",
    ):
        warehouse.rows(statement)
    files = Path(warehouse.rows(f"DESCRIBE DETAIL {schema}.visits")[0]["location"].removeprefix("file://"))
    governance = declared("""
retention:
  visits: {scope: SCHEMA.visits, column: at, days: 30}
  others: {scope: SCHEMA.visits_*, column: at, days: 30, vacuum_hours: 200}
""")
    view = View(warehouse)

    def look() -> dict[str, Overdue]:
        seen = overdue(view, governance.retention, NOW)
        return {one.table.rsplit(".", 1)[-1]: one for one in seen}

    found = look()
    assert {name: one.rows for name, one in found.items()} == {
        "visits": 1,
        "visits_by_day": 1,
        "visits_new": 0,
        "visits_text": None,
        "visits_none": None,
    }
    assert found["visits_text"].problem == "'at' is STRING: name a column of DATE or TIMESTAMP"
    assert (found["visits_none"].problem or "").startswith("it has no column 'at'")
    assert found["visits_by_day"].oldest == dt.date(2026, 5, 30)
    assert len(warehouse.rows(f"SELECT * FROM {schema}.visits")) == 4

    done = [one.table for one in delete(warehouse, found.values())]
    assert len(done) == len(found)
    assert {row["id"] for row in warehouse.rows(f"SELECT id FROM {schema}.visits")} == {2, 3, 4}
    assert {row["id"] for row in warehouse.rows(f"SELECT id FROM {schema}.visits_by_day")} == {2}
    assert len(list(files.rglob("*.parquet"))) == 1
    assert {one.rows for one in look().values()} == {0, None}
