"""A project whose tables are monitored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lakestead.core.errors import ConfigError

if TYPE_CHECKING:
    from conftest import Shop

PROFILING = """
catalog_name: main
profile_defaults: {{profile_type: SNAPSHOT, output_schema_name: {schema}_monitoring}}
monitored_tables:
  main.{schema}.orders: {{group: sales}}
alerting: {{row_count_min: 4}}
dashboards: {{folder: /Shared/{schema}}}
checks:
  main.{schema}.orders:
    - {{kind: range, column: amount, max: 20}}
"""


@pytest.fixture
def monitored(shop: Shop) -> Shop:
    shop.write("profiling.yaml", PROFILING.format(schema=shop.schema))
    shop.edit(
        "lakestead.yaml", "statements: [derive.sql]", "statements: [derive.sql]\nprofiling: profiling.yaml"
    )
    return shop


def test_a_run_monitors_and_a_second_changes_nothing(monitored: Shop) -> None:
    orders = f"main.{monitored.schema}.orders"
    first = monitored.run()
    assert first.steps[-1].title == f"create monitor of {orders}"
    seen = first.monitored
    assert seen is not None
    assert [(one.table, one.group, one.status) for one in seen.monitors] == [(orders, "sales", "ACTIVE")]
    states = {alert.finding: alert for alert in seen.alerts}
    assert states["row count"].state == "TRIGGERED"
    assert "3" in states["row count"].findings[0]
    assert seen.checks == 1
    assert [(one.table, one.failed) for one in seen.failed_checks] == [(orders, 1)]
    (path,) = seen.dashboards.values()
    monitored.workspace.client().lakeview.get(path.rpartition("/")[2])

    assert not monitored.run().changed
    monitored.write("files/orders2.csv", "id,customer,amount\n13,2,1.00\n")
    third = monitored.run()
    assert third.steps[-1].title == f"profile {orders}"
    assert third.monitored is not None
    assert {one.finding: one.state for one in third.monitored.alerts}["row count"] == "OK"


def test_a_table_that_cannot_be_monitored_is_named(monitored: Shop) -> None:
    monitored.edit(
        "profiling.yaml", "{group: sales}", "{profile_type: TIMESERIES, timeseries_timestamp_column: at}"
    )
    with pytest.raises(ConfigError, match=r"Column 'at' .*not found in table"):
        monitored.run()
