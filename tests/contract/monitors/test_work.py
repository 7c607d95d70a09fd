"""Monitors at work: on a schedule, when a refresh fails, and after the server was killed."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from databricks.sdk.service.dataquality import (
    CronSchedule,
    CronSchedulePauseStatus,
    DataProfilingStatus,
    NotificationDestination,
    NotificationSettings,
    Refresh,
    RefreshState,
    RefreshTrigger,
)

from lakestead.testing import Workspace, serve
from tests.contract.conftest import Sql
from tests.contract.monitors.declared import BY_DAY, SNAPSHOT, Table, make, until

SECOND = "* * * * * ?"


@pytest.fixture
def table(workspace_session: Workspace, sql: Sql, schema: str) -> Table:
    """A table that has no monitor yet."""
    return make(workspace_session.client(), sql, schema)


def test_refreshes_come_on_schedule_until_it_is_paused(table: Table) -> None:
    scheduled = RefreshTrigger.MONITOR_REFRESH_TRIGGER_SCHEDULE
    table.create(snapshot=SNAPSHOT, schedule=CronSchedule(SECOND, "UTC"))
    until(lambda: table.refreshes()[0].trigger is scheduled)
    paused = CronSchedule(SECOND, "UTC", CronSchedulePauseStatus.CRON_SCHEDULE_PAUSE_STATUS_PAUSED)
    changed = table.monitor(schedule=paused)
    table.client.data_quality.update_monitor("table", table.id, changed, "data_profiling_config.schedule")
    assert table.finished()[0].state is RefreshState.MONITOR_REFRESH_STATE_SUCCESS


def test_a_refresh_that_fails_says_why(table: Table, sql: Sql) -> None:
    told = NotificationSettings(NotificationDestination(["owner@example.com"]))
    table.create(time_series=BY_DAY, notification_settings=told)
    table.finished()
    sql("CREATE TABLE copy AS SELECT * FROM orders")
    sql("CREATE OR REPLACE TABLE orders AS SELECT * EXCEPT (at) FROM copy")
    table.client.data_quality.create_refresh("table", table.id, Refresh("table", table.id))
    failed = table.finished()[0]
    assert failed.state is RefreshState.MONITOR_REFRESH_STATE_FAILED
    assert failed.message is not None
    assert "at" in failed.message
    shown = table.shown()
    assert shown.status is DataProfilingStatus.DATA_PROFILING_STATUS_ERROR
    assert shown.latest_monitor_failure_message == failed.message
    recipients = "SELECT outcome, array_join(recipients, ',') FROM system.lakestead.notifications"
    sent = f"{recipients} WHERE subject LIKE '%{table.name}%'"
    until(lambda: bool(sql(sent)))
    assert sql(sent) == [("NOT_SENT", "owner@example.com")]
    sql("CREATE OR REPLACE TABLE orders AS SELECT * FROM copy")
    table.client.data_quality.create_refresh("table", table.id, Refresh("table", table.id))
    assert table.finished()[0].state is RefreshState.MONITOR_REFRESH_STATE_SUCCESS
    shown = table.shown()
    assert (shown.status, shown.latest_monitor_failure_message) == (
        DataProfilingStatus.DATA_PROFILING_STATUS_ACTIVE,
        None,
    )


def test_a_server_takes_up_what_waited_and_says_what_was_stopped(tmp_path: Path) -> None:
    with serve(tmp_path) as workspace, workspace.connect() as connection:
        sql = Sql(connection)
        sql("CREATE SCHEMA main.m")
        ran = make(workspace.client(), sql, "main.m", "ran")
        ran.create(snapshot=SNAPSHOT)
        waited = make(workspace.client(), sql, "main.m", "waited")
        waited.create(snapshot=SNAPSHOT)
        ran.finished()
        waited.finished()
        stopped = make(workspace.client(), sql, "main.m", "stopped")
        rows = "TIMESTAMP'2026-01-01', id / 7, cast(id AS STRING), cast(id AS STRING), id"
        sql(f"INSERT INTO main.m.stopped SELECT {rows} FROM range(500000)")
        stopped.create(snapshot=SNAPSHOT)
        until(lambda: stopped.refreshes()[0].state is RefreshState.MONITOR_REFRESH_STATE_RUNNING)
    # What a killed process leaves: one that ran, and one that waited for its turn.
    with sqlite3.connect(tmp_path / "metastore.db") as store:
        for state, table in (("RUNNING", ran), ("PENDING", waited)):
            store.execute(
                "UPDATE monitor_refreshes SET state = ?, ended_at = NULL WHERE table_id = ?",
                (state, table.id),
            )
    store.close()
    with serve(tmp_path) as workspace:
        client = workspace.client()
        [failed] = replace(ran, client=client).finished()
        [done] = replace(waited, client=client).finished()
        [ended] = replace(stopped, client=client).refreshes()
    assert (ended.state, ended.message) == (RefreshState.MONITOR_REFRESH_STATE_CANCELED, failed.message)
    assert failed.state is RefreshState.MONITOR_REFRESH_STATE_FAILED
    assert failed.message == "The workspace was stopped while the refresh ran."
    assert done.state is RefreshState.MONITOR_REFRESH_STATE_SUCCESS
