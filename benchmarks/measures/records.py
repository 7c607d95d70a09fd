"""Records in and out by `DatabricksConnector`, beside what the bare SQL connector offers for the same.

100,000 dicts of five columns are inserted by `write_records`, and by the connector's `executemany`, one row
to a statement; that is measured with a part of the rows and scaled, and so is the insertion of rows bound
together, as many as a statement's 255 parameters take. A million rows are read as Arrow by `read_arrow` and
by `fetchall_arrow`.
"""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from typing import Any

from benchmarks.harness import Contender, Goal, Group, Size, compared, in_turns, timed
from benchmarks.servers.lakestead import lakestead
from lakestead.records import DatabricksConnector

_COLUMNS = "id BIGINT, name STRING, amount DOUBLE, at TIMESTAMP, n INT"
_INSERT = "INSERT INTO {} VALUES (:id, :name, :amount, :at, :n)"
_BARE = "SQL connector, executemany"
_TOGETHER = "SQL connector, 51 rows to a statement"
_ROWS_TOGETHER = 51
_PART = 200  # of the rows, for what takes a statement for few of them
_WRITE, _READ = "write_records", "read_arrow"


def run(size: Size) -> list[Group]:
    """Measure."""
    with ExitStack() as stack:
        workspace = stack.enter_context(lakestead())
        connector = stack.enter_context(DatabricksConnector(profile=workspace.profile, schema="default"))
        connection = stack.enter_context(workspace.profile.sql_connection(schema="default"))
        cursor = stack.enter_context(connection.cursor())
        for table in ("one", "together", "records"):
            connector.execute(f"CREATE TABLE {table} ({_COLUMNS})")
        return [_writing(size, connector, cursor), _reading(size, connector, cursor)]


def _writing(size: Size, connector: DatabricksConnector, cursor: Any) -> Group:
    rows = size(100_000, 10_000)
    records = _records(rows)
    some = records[: rows // _PART]
    contenders: dict[str, Contender] = {
        _BARE: _scaled(timed(lambda: cursor.executemany(_INSERT.format("one"), some)), _PART),
        _TOGETHER: _scaled(timed(lambda: _together(cursor, some)), _PART),
        _WRITE: timed(lambda: connector.write_records(records, "records")),
    }
    timings = in_turns(contenders, rounds=size(3, 1))
    note = f"measured with {len(some):,} rows"
    figures = compared(
        timings,
        "rows/s",
        lambda s: rows / s,
        {_WRITE: Goal(20, least=True, of_ratio=True)},
        {_BARE: note, _TOGETHER: note},
    )
    return Group(f"{rows:,} dicts into a table", figures)


def _reading(size: Size, connector: DatabricksConnector, cursor: Any) -> Group:
    rows = size(1_000_000, 100_000)
    sql = (
        "SELECT id, concat('name ', id % 1000) AS name, id * 0.5D AS amount, timestamp_micros(id) AS at"
        f" FROM range({rows})"
    )
    contenders: dict[str, Contender] = {
        "SQL connector, fetchall_arrow": timed(lambda: cursor.execute(sql).fetchall_arrow()),
        _READ: timed(lambda: connector.read_arrow(sql)),
    }
    timings = in_turns(contenders, rounds=size(7, 2))
    goals = {_READ: Goal(1.1, of_ratio=True)}
    return Group(f"{rows:,} rows as Arrow", compared(timings, "ms", lambda s: s * 1000, goals))


def _records(count: int) -> list[dict[str, Any]]:
    start = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    return [
        {
            "id": number,
            "name": f"name {number}",
            "amount": number * 0.5,
            "at": start + dt.timedelta(seconds=number),
            "n": number % 100,
        }
        for number in range(count)
    ]


def _scaled(contender: Contender, factor: int) -> Contender:
    return lambda: contender() * factor


def _together(cursor: Any, records: list[dict[str, Any]]) -> None:
    for first in range(0, len(records), _ROWS_TOGETHER):
        rows = records[first : first + _ROWS_TOGETHER]
        params = {f"{name}{number}": value for number, row in enumerate(rows) for name, value in row.items()}
        values = ", ".join(
            f"({', '.join(f':{name}{number}' for name in row)})" for number, row in enumerate(rows)
        )
        cursor.execute(f"INSERT INTO together VALUES {values}", params)
