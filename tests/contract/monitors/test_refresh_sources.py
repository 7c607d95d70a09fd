"""What a refresh reads: baselines, views, tables with row filters; and what it says when it cannot."""

from __future__ import annotations

from databricks.sdk.service.dataquality import RefreshState

from lakestead.testing import Workspace
from tests.contract.conftest import Reader, Sql
from tests.contract.monitors.monitored import DAY, Monitored, failed, metric, monitor, series, succeeded

_CUSTOM = [
    metric("AGGREGATE", "weight", "avg(w * {{input_column}})", ["v", "w"]),
    metric("AGGREGATE", "ratio", "sum(v) / sum(w)", [":table"]),
    metric("DERIVED", "root", "sqrt(weight)", ["v"]),
    metric("DRIFT", "root_delta", "{{current_df}}.root - {{base_df}}.root", ["v"]),
]


def test_snapshots_and_baseline(workspace_session: Workspace, sql: Sql, schema: str) -> None:
    sql(
        "CREATE TABLE goods AS"
        " SELECT CAST(id AS DOUBLE) AS v, 2 AS w, concat('k', id % 4) AS k FROM range(100)"
    )
    sql("CREATE TABLE before AS SELECT v + 10 AS v, w, k FROM goods WHERE k <> 'k3'")
    made = monitor(
        workspace_session.client(),
        f"{schema}.goods",
        slicing_exprs=["k"],
        baseline_table_name=f"{schema}.before",
        custom_metrics=_CUSTOM,
    )
    succeeded(made.first())
    columns = "log_type, slice_value, count, avg, weight, root"
    where = "WHERE column_name = 'v' AND (slice_value = 'k1' OR slice_value IS NULL) ORDER BY ALL"
    assert sql(f"SELECT {columns} FROM goods_profile_metrics {where}") == [
        ("BASELINE", None, 75, 59.0, 118.0, 118.0**0.5),
        ("BASELINE", "k1", 25, 59.0, 118.0, 118.0**0.5),
        ("INPUT", None, 100, 49.5, 99.0, 99.0**0.5),
        ("INPUT", "k1", 25, 49.0, 98.0, 98.0**0.5),
    ]
    ratios = (
        "SELECT log_type, ratio FROM goods_profile_metrics WHERE column_name = ':table' AND slice_key IS NULL"
    )
    assert sorted(sql(ratios)) == [("BASELINE", 29.5), ("INPUT", 24.75)]
    drift = "SELECT drift_type, window_cmp IS NULL, count_delta, root_delta FROM goods_drift_metrics"
    whole = "WHERE column_name = 'v' AND slice_key IS NULL ORDER BY drift_type, count_delta"
    assert sql(f"{drift} {whole}") == [("BASELINE", True, 25, 99.0**0.5 - 118.0**0.5)]

    # The next snapshot is compared with the one before, and with the baseline.
    sql("INSERT INTO goods VALUES (1000, 2, 'k1')")
    succeeded(made.refresh())
    [(weight,)] = sql("SELECT avg(v * w) FROM goods")
    assert sql(f"{drift} {whole}") == [
        ("BASELINE", True, 25, 99.0**0.5 - 118.0**0.5),
        ("BASELINE", True, 26, weight**0.5 - 118.0**0.5),
        ("CONSECUTIVE", False, 1, weight**0.5 - 99.0**0.5),
    ]
    texts = (
        "SELECT slice_value, chi_squared_test.statistic > 0, tv_distance FROM goods_drift_metrics"
        " WHERE column_name = 'k' AND drift_type = 'CONSECUTIVE' AND slice_key IS NULL"
    )
    [(_, moved, distance)] = sql(texts)
    assert moved
    assert abs(distance - (26 / 101 - 25 / 100)) < 1e-12
    kinds = "SELECT log_type, count(DISTINCT window), count(*) FROM goods_profile_metrics GROUP BY log_type"
    assert sorted(sql(kinds)) == [("BASELINE", 0, 16), ("INPUT", 2, 40)]

    # Snapshots lie side by side; what cannot be computed says why, and leaves them as they are.
    lineage = (
        "SELECT DISTINCT source_table_name, target_table_name FROM system.access.table_lineage"
        f" WHERE target_table_full_name LIKE '{schema}.goods%_metrics' ORDER BY ALL"
    )
    metrics = ("goods_drift_metrics", "goods_profile_metrics")
    assert sql(lineage) == [(source, target) for source in ("before", "goods") for target in metrics]
    sql("DROP TABLE before")
    assert "baseline_table_name" in failed(made.refresh())
    assert sorted(sql(kinds)) == [("BASELINE", 0, 16), ("INPUT", 2, 40)]


def test_policies_views_and_failures(
    workspace_session: Workspace, sql: Sql, schema: str, reader: Reader
) -> None:
    sql("CREATE TABLE visits (at STRING, n INT, site STRING)")
    sql("INSERT INTO visits VALUES ('2024-01-01', 1, 'a'), ('2024-01-01', 3, 'b'), ('2024-01-02', 5, 'a')")
    sql("CREATE FUNCTION only_a(site STRING) RETURN site = 'a'")
    sql("ALTER TABLE visits SET ROW FILTER only_a ON (site)")
    sql(f"ALTER TABLE visits OWNER TO `{reader.name}`")

    # The owner's metrics have what the owner sees; the texts of times are read as times.
    mine = monitor(reader.client, f"{schema}.visits", time_series=series("at", DAY), slicing_exprs=["site"])
    succeeded(mine.first())
    counts = (
        "SELECT date_format(window.start, 'dd'), slice_value, count FROM {}_profile_metrics"
        " WHERE column_name = 'n' ORDER BY ALL"
    )
    mirrored = [("01", None, 1), ("01", "a", 1), ("02", None, 1), ("02", "a", 1)]
    assert reader.sql(counts.format("visits")) == mirrored
    client = workspace_session.client()
    owners = {client.tables.get(f"{schema}.visits_{one}_metrics").owner for one in ("profile", "drift")}
    assert owners == {reader.name}
    reader.sql("INSERT INTO visits VALUES ('2024-01-02', 7, 'a'), ('2024-01-02', 7, 'b'), (NULL, 7, 'a')")
    succeeded(mine.refresh())
    assert reader.sql(counts.format("visits"))[2:] == [("02", None, 2), ("02", "a", 2)]

    reader.sql("INSERT INTO visits VALUES ('soon', 7, 'a')")
    assert "soon" in failed(mine.refresh())
    reader.sql("DELETE FROM visits WHERE at = 'soon'")
    reader.sql("ALTER TABLE visits RENAME COLUMN at TO day")
    reason = failed(mine.refresh())
    assert "timestamp_column" in reason
    assert "has no column 'at'" in reason
    sql(f"REVOKE USE SCHEMA ON SCHEMA {schema} FROM `{reader.name}`")
    assert "USE SCHEMA" in failed(Monitored(client, mine.table_id).refresh())

    sql("CREATE TABLE raw (at DATE, n INT)")
    sql("INSERT INTO raw VALUES (DATE '2024-01-01', 1), (DATE '2024-01-02', 5)")
    sql("CREATE VIEW seen AS SELECT at, n FROM raw WHERE n > 1")
    view = monitor(client, f"{schema}.seen", time_series=series("at", DAY))
    succeeded(view.first())
    assert sql(counts.format("seen")) == [("02", None, 1)]


def test_cancelled(workspace_session: Workspace, sql: Sql, schema: str) -> None:
    sql("CREATE TABLE few AS SELECT id FROM range(100000)")
    sql("CREATE VIEW many AS SELECT a.id + b.id AS n FROM few AS a CROSS JOIN few AS b")
    made = monitor(workspace_session.client(), f"{schema}.many")
    api = workspace_session.client().data_quality
    [refresh] = api.list_refresh("table", made.table_id)
    assert refresh.refresh_id
    for _ in range(2000):
        if "RUNNING" in str(api.get_refresh("table", made.table_id, refresh.refresh_id).state):
            break
    api.cancel_refresh("table", made.table_id, refresh.refresh_id)
    assert made.wait(refresh.refresh_id).state == RefreshState.MONITOR_REFRESH_STATE_CANCELED
    assert sql("SELECT count(*) FROM many_profile_metrics") == [(0,)]
