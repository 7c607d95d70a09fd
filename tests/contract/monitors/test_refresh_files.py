"""Tables whose files need care: partitions, dates, columns added later, names in other cases, OPTIMIZE."""

from __future__ import annotations

from lakestead.testing import Workspace
from tests.contract.conftest import Sql
from tests.contract.monitors.monitored import DAY, MONTH, metric, monitor, series, succeeded


def test_partitions_and_dates(workspace_session: Workspace, sql: Sql, schema: str) -> None:
    sql("CREATE TABLE sales (amount INT, day DATE, shop STRING) PARTITIONED BY (day, shop)")
    sql(
        "INSERT INTO sales SELECT id, dateadd(DAY, id % 5, DATE '2024-01-30'), concat('shop ', id % 2)"
        " FROM range(40)"
    )
    # A baseline may lack columns.
    sql("CREATE TABLE planned AS SELECT amount, day FROM sales")
    made = monitor(
        workspace_session.client(),
        f"{schema}.sales",
        time_series=series("DAY", DAY, MONTH),
        slicing_exprs=["SHOP"],
        custom_metrics=[metric("AGGREGATE", "total", "sum({{input_column}})", ["Amount"])],
        baseline_table_name=f"{schema}.planned",
    )
    succeeded(made.first())
    sums = (
        "SELECT date_format(window.start, 'MM-dd'), granularity, slice_value, count * avg, total"
        " FROM sales_profile_metrics WHERE column_name = 'amount' AND log_type = 'INPUT' ORDER BY ALL"
    )

    def agrees() -> None:
        rows = sql(sums)
        assert all(total == product for *_, product, total in rows)
        units = {"1 day": "day", "1 month": "month"}
        expected = {
            (start, name, shop, total)
            for name, unit in units.items()
            for shops in ("shop", "NULL")
            for start, shop, total in sql(
                f"SELECT date_format(date_trunc('{unit}', day), 'MM-dd'), {shops}, sum(amount) FROM sales"
                " WHERE day IS NOT NULL GROUP BY ALL"
            )
        }
        assert {(*key, total) for *key, _, total in rows} == expected

    agrees()
    # The files of a partition hold one day: no others are computed.
    sql("ALTER TABLE sales ADD COLUMN note STRING")
    sql("INSERT INTO sales VALUES (500, DATE '2024-02-02', 'shop 1', 'late'), (1, NULL, 'shop 1', 'never')")
    sql("OPTIMIZE sales")
    succeeded(made.refresh())
    agrees()
    notes = sql(
        "SELECT date_format(window.start, 'MM-dd'), count, num_nulls FROM sales_profile_metrics"
        " WHERE column_name = 'note' AND granularity = '1 day' AND slice_key IS NULL ORDER BY 1"
    )
    assert notes == [("02-02", 1, 8)]
    columns = {column for column, *_ in sql("DESCRIBE sales_profile_metrics")}
    assert {"total", "window", "monitor_version"} <= columns


def test_definition_that_changes(workspace_session: Workspace, sql: Sql, schema: str) -> None:
    sql("CREATE TABLE ticks AS SELECT timestampadd(DAY, id, TIMESTAMP '2024-01-01') AS at, id FROM range(3)")
    made = monitor(workspace_session.client(), f"{schema}.ticks", time_series=series("at", DAY))
    succeeded(made.first())
    api = made.client.data_quality
    found = api.get_monitor("table", made.table_id)
    assert found.data_profiling_config
    found.data_profiling_config.custom_metrics = [metric("AGGREGATE", "top", "max(id)", ["id"])]
    found.data_profiling_config.time_series = series("at", MONTH)
    mask = "data_profiling_config.custom_metrics,data_profiling_config.time_series"
    api.update_monitor("table", made.table_id, found, mask)
    succeeded(made.refresh())
    rows = sql("SELECT granularity, monitor_version, top FROM ticks_profile_metrics WHERE column_name = 'id'")
    assert rows == [("1 month", 2, 2.0)]
    assert sql("SELECT count(*) FROM ticks_drift_metrics") == [(0,)]

    # Metric tables that somebody dropped are made again, whole.
    sql("DROP TABLE ticks_profile_metrics")
    succeeded(made.refresh())
    assert sql("SELECT count(DISTINCT column_name), min(monitor_version) FROM ticks_profile_metrics") == [
        (3, 2)
    ]
