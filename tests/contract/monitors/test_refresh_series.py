"""Metrics of time series agree with SQL over the source, and only what changed is computed again."""

from __future__ import annotations

from typing import Any

import pytest

from lakestead.testing import Workspace
from tests.contract.conftest import Sql
from tests.contract.monitors.monitored import DAY, MONTH, Monitored, metric, monitor, series, succeeded

_METRICS = "slice_key, slice_value, count, num_nulls, avg, stddev, min, max, num_zeros, distinct_count, sq"
_EXPECTED = """
    count(v), count_if(v IS NULL), avg(v), stddev(v), min(v), max(v), count_if(v = 0), count(DISTINCT v),
    avg(v * v)
"""


@pytest.fixture
def readings(sql: Sql, schema: str) -> str:
    """A table of 40 days of readings in two months; its first column says when they were taken."""
    sql("CREATE TABLE readings (at TIMESTAMP, v DOUBLE, place STRING)")
    sql(
        "INSERT INTO readings SELECT timestampadd(HOUR, id, TIMESTAMP '2024-01-10'),"
        " CASE WHEN id % 7 = 0 THEN NULL ELSE id % 50 END, concat('place ', id % 3) FROM range(960)"
    )
    return f"{schema}.readings"


def _computed(sql: Sql, unit: str) -> dict[tuple[str, ...], list[float | None]]:
    return _keyed(
        sql(
            f"SELECT CAST(window AS STRING), {_METRICS} FROM readings_profile_metrics"
            f" WHERE column_name = 'v' AND granularity = '1 {unit}'"
        )
    )


def _expected(sql: Sql, unit: str) -> dict[tuple[str, ...], list[float | None]]:
    start = f"date_trunc('{unit}', at)"
    window = f"CAST(struct({start}, timestampadd({unit}, 1, {start})) AS STRING)"
    rows = sql(f"SELECT {window}, NULL, NULL, {_EXPECTED} FROM readings GROUP BY {start}")
    for key in ("place", "v >= 25"):
        rows += sql(
            f"SELECT {window}, '{key}', CAST({key} AS STRING), {_EXPECTED} FROM readings"
            f" WHERE ({key}) IS NOT NULL GROUP BY {start}, {key}"
        )
    return _keyed(rows)


def _keyed(rows: list[tuple[Any, ...]]) -> dict[tuple[str, ...], list[float | None]]:
    return {row[:3]: list(row[3:]) for row in rows}


def _versions(sql: Sql) -> dict[tuple[str, str], int]:
    rows = sql(
        "SELECT granularity, date_format(window.start, 'MM-dd'), max(logging_table_commit_version)"
        " FROM readings_profile_metrics GROUP BY ALL"
    )
    return {(granularity, day): version for granularity, day, version in rows}


def _agrees(sql: Sql) -> None:
    for unit in ("day", "month"):
        computed, expected = _computed(sql, unit), _expected(sql, unit)
        assert computed.keys() == expected.keys()
        for key, values in expected.items():
            assert computed[key] == pytest.approx(values), key


def _monitor(workspace: Workspace, table: str) -> Monitored:
    made = monitor(
        workspace.client(),
        table,
        time_series=series("at", DAY, MONTH),
        slicing_exprs=["place", "v >= 25"],
        custom_metrics=[metric("AGGREGATE", "sq", "avg(`{{input_column}}` * {{input_column}})", ["v"])],
    )
    succeeded(made.first())
    return made


def test_series(workspace_session: Workspace, sql: Sql, readings: str) -> None:
    made = _monitor(workspace_session, readings)
    _agrees(sql)
    drift = sql(
        "SELECT count(*), min(drift_type), count_if(window_cmp.end <> window.start)"
        " FROM readings_drift_metrics"
        " WHERE column_name = 'v' AND slice_key IS NULL AND granularity = '1 day'"
    )
    assert drift == [(39, "CONSECUTIVE", 0)]

    # One new day: its window, its month's and the drift of both are new.
    before = _versions(sql)
    assert set(before.values()) == {1}
    sql("INSERT INTO readings VALUES (TIMESTAMP '2024-02-19 05:00:00', 3, 'place 9')")
    succeeded(made.refresh())
    changed = {key for key, version in _versions(sql).items() if version == 2}
    assert changed == {("1 day", "02-19"), ("1 month", "02-01")}
    _agrees(sql)

    # Nothing new: nothing is written.
    history = sql("DESCRIBE HISTORY readings_profile_metrics")
    succeeded(made.refresh())
    assert sql("DESCRIBE HISTORY readings_profile_metrics") == history

    # Rows that are changed, deleted and merged, and days that have none any more.
    sql("UPDATE readings SET v = 100 WHERE at >= TIMESTAMP '2024-02-19'")
    sql("DELETE FROM readings WHERE at < TIMESTAMP '2024-01-12'")
    sql(
        "MERGE INTO readings AS t USING (SELECT TIMESTAMP '2024-01-20 03:00:00' AS at) AS s ON t.at = s.at"
        " WHEN MATCHED THEN UPDATE SET place = 'place 0'"
    )
    sql("OPTIMIZE readings")
    succeeded(made.refresh())
    _agrees(sql)
    [(first,)] = sql("SELECT min(window.start) FROM readings_drift_metrics WHERE granularity = '1 day'")
    assert f"{first:%m-%d}" == "01-13"
